/**
 * Keeps coverage to the process of the tests: engines, daemons and tasks that they start would each write tens of megabytes, and
 * take three times as long. What is counted is what tests call themselves: model, components, policy, evidence.
 */
delete process.env.NODE_V8_COVERAGE;
