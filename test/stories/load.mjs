// Load from a process of its own: a fixed number of requests a second, whether the ones before were answered or not.
// Usage: node load.mjs URL REQUESTS_PER_SECOND keep-alive|close [HOST]. Prints a line when it begins; ends, with one JSON line, when its
// standard input closes.
import http from "node:http";

const [url, rate, mode, host] = process.argv.slice(2);
const keepAlive = mode === "keep-alive";
const agent = new http.Agent({ keepAlive, maxSockets: Infinity });
const headers = { ...(keepAlive ? {} : { connection: "close" }), ...(host === undefined ? {} : { host }) };
const tally = { sent: 0, answered: 0, versions: {}, failures: {} };

function fail(reason) {
  tally.failures[reason] = (tally.failures[reason] ?? 0) + 1;
}

function send() {
  tally.sent++;
  // Nothing is sent twice: a request that fails once has been lost.
  const request = http.get(url, { agent, headers }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    response.on("error", (error) => fail(`in the answer: ${error.code ?? error.message}`));
    response.on("end", () => {
      if (response.statusCode !== 200) return fail(`status ${response.statusCode}`);
      tally.answered++;
      const { version } = JSON.parse(body);
      tally.versions[version] = (tally.versions[version] ?? 0) + 1;
    });
  });
  request.setTimeout(30_000, () => request.destroy(new Error("no answer in 30 s")));
  request.on("error", (error) => fail(error.code ?? error.message));
}

const began = performance.now();
const timer = setInterval(() => {
  const due = ((performance.now() - began) / 1000) * Number(rate);
  while (tally.sent < due) send();
}, 5);

process.stdin.resume().on("end", async () => {
  clearInterval(timer);
  while (tally.answered + Object.values(tally.failures).reduce((sum, count) => sum + count, 0) < tally.sent) {
    await new Promise((done) => setTimeout(done, 20));
  }
  process.stdout.write(`${JSON.stringify({ ...tally, seconds: (performance.now() - began) / 1000 })}\n`);
  process.exit(0);
});
process.stdout.write("begun\n");
