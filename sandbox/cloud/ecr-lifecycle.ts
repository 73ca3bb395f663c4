/** One rule of a lifecycle policy (https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html). */
interface Rule {
  rulePriority?: unknown;
  selection?: {
    tagStatus?: unknown;
    tagPrefixList?: unknown[];
    tagPatternList?: unknown[];
    countType?: unknown;
    countUnit?: unknown;
    countNumber?: unknown;
  };
  action?: { type?: unknown };
}

const COUNT_TYPES = ["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"];
const MAX_WILDCARDS = 4;

/**
 * Problems of a lifecycle policy document; none when ECR would take it.
 *
 * @example
 * checkLifecyclePolicy('{"rules": []}'); // ["the policy must have at least one rule"]
 */
export function checkLifecyclePolicy(text: string): string[] {
  let rules: unknown;
  try {
    rules = (JSON.parse(text) as { rules?: unknown }).rules;
  } catch {
    return ["the policy is not JSON"];
  }
  if (!Array.isArray(rules) || rules.length === 0) return ["the policy must have at least one rule"];
  const priorities = rules.map((rule: Rule) => rule.rulePriority);
  const twice = priorities.filter((one, index) => priorities.indexOf(one) !== index);
  return [
    ...rules.flatMap((rule: Rule, index) => checkRule(rule).map((problem) => `rules[${index}]: ${problem}`)),
    ...(twice.length > 0 ? [`rule priorities must be unique, ${twice.join(", ")} appears twice`] : []),
    ...checkAny(rules as Rule[]),
  ];
}

function checkRule({ rulePriority, selection, action }: Rule): string[] {
  const problems: string[] = [];
  if (!Number.isInteger(rulePriority) || (rulePriority as number) < 1)
    problems.push("rulePriority must be a whole number from 1");
  const { tagStatus, tagPrefixList, tagPatternList, countType, countUnit, countNumber } = selection ?? {};
  if (!["tagged", "untagged", "any"].includes(String(tagStatus)))
    problems.push("tagStatus must be tagged, untagged or any");
  const lists = [tagPrefixList, tagPatternList].filter((list) => list?.length).length;
  if (tagStatus === "tagged" && lists !== 1) problems.push("tagged needs one of tagPrefixList and tagPatternList");
  if (tagStatus !== "tagged" && lists > 0) problems.push("tagPrefixList and tagPatternList go with tagged only");
  for (const pattern of tagPatternList ?? []) {
    if (String(pattern).split("*").length - 1 > MAX_WILDCARDS)
      problems.push(`the pattern ${pattern} has more than ${MAX_WILDCARDS} '*'`);
  }
  if (!COUNT_TYPES.includes(String(countType))) problems.push(`countType must be one of ${COUNT_TYPES.join(", ")}`);
  if (String(countType).startsWith("since") && countUnit !== "days") problems.push("countUnit must be days");
  if (countType === "imageCountMoreThan" && countUnit !== undefined) problems.push("countUnit goes with since... only");
  if (!Number.isInteger(countNumber) || (countNumber as number) < 1)
    problems.push("countNumber must be a whole number from 1");
  if (!["expire", "transition"].includes(String(action?.type)))
    problems.push("action.type must be expire or transition");
  return problems;
}

/** A rule for any tag status must be the last to be looked at. */
function checkAny(rules: Rule[]): string[] {
  const any = rules.filter((rule) => rule.selection?.tagStatus === "any");
  if (any.length > 1) return ["only one rule may have tagStatus any"];
  const highest = Math.max(...rules.map((rule) => Number(rule.rulePriority)));
  return any.length === 1 && Number(any[0]?.rulePriority) !== highest
    ? ["the rule with tagStatus any must have the highest rulePriority"]
    : [];
}
