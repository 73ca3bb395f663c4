// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles write their variables so
import assert from "node:assert/strict";
import { parseDockerfile } from "../../../automation/image/dockerfile.ts";
import { readBase, readRecipe } from "../../../automation/image/recipe.ts";

function recipe(text: string, args: Record<string, string> = {}, base = {}) {
  return readRecipe(parseDockerfile(text), args, { environment: {}, ...base });
}

describe("a Dockerfile", () => {
  it("is read with its variables, in the order of its lines", () => {
    const read = recipe(
      [
        "# syntax=docker/dockerfile:1",
        "FROM scratch AS final",
        "ARG VERSION=none",
        'ARG NAME="a b" OTHER',
        "ENV VERSION=${VERSION} \\",
        "    # a comment between the lines",
        "    TEXT=\"x $NAME\" RAW='$NAME' ESC=a\\ b",
        "ENV OLD the old form",
        'LABEL "a.b"="${MISSING:-fallback}" on=${NAME:+yes}${OTHER:+no}',
        "WORKDIR /app",
        "WORKDIR sub dir",
        "EXPOSE 80 53/udp 90-91",
        "USER 1000:1000",
        'ENTRYPOINT ["node", "a \\"b\\""]',
        "CMD echo hi",
      ].join("\n"),
      { VERSION: "v1" },
    );
    assert.deepEqual(read, {
      copies: [],
      environment: { VERSION: "v1", TEXT: "x a b", RAW: "$NAME", ESC: "a b", OLD: "the old form" },
      labels: { "a.b": "fallback", on: "yes" },
      ports: ["53/udp", "80/tcp", "90/tcp", "91/tcp"],
      workingDirectory: "/app/sub dir",
      user: "1000:1000",
      entrypoint: ["node", 'a "b"'],
      command: ["/bin/sh", "-c", "echo hi"],
    });
  });

  it("gives each COPY an absolute destination, a folder where it is one", () => {
    const copies = recipe(
      'FROM scratch\nCOPY a /\nWORKDIR /app\nCOPY a b\nCOPY a b ./\nCOPY ["a b", "to/"]\nCOPY . .\nCOPY a /x/../y',
    ).copies.map(({ sources, destination, line }) => [line, sources, destination]);
    assert.deepEqual(copies, [
      [2, ["a"], "/"],
      [4, ["a"], "/app/b"],
      [5, ["a", "b"], "/app/"],
      [6, ["a b"], "/app/to/"],
      [7, ["."], "/app/"],
      [8, ["a"], "/y"],
    ]);
  });

  it("starts from its base's folder and variables", () => {
    const base = { environment: { PATH: "/bin" }, workingDirectory: "/home" };
    const read = recipe("FROM x\nENV PATH=/app/bin:$PATH\nCOPY a b", {}, base);
    assert.deepEqual(read.environment, { PATH: "/app/bin:/bin" });
    assert.equal(read.copies[0]?.destination, "/home/b");
  });

  const bases: [string, string, Record<string, string>, string | undefined][] = [
    ["scratch is no base", "FROM scratch", {}, undefined],
    ["an image", "FROM node:24 AS x", {}, "node:24"],
    ["a default", "ARG V=24\nFROM node:${V}", {}, "node:24"],
    ["a build argument", "ARG V=24\nFROM node:${V}", { V: "22" }, "node:22"],
  ];
  for (const [what, text, args, expected] of bases) {
    it(`names its base: ${what}`, () => {
      assert.equal(readBase(parseDockerfile(text), args), expected);
    });
  }

  const scopes: [string, string, Record<string, string>, Record<string, string>][] = [
    ["an ARG before FROM is unknown behind it", "ARG V=1\nFROM scratch\nENV V=$V", {}, { V: "" }],
    ["until it is declared again", "ARG V=1\nFROM scratch\nARG V\nENV V=$V", {}, { V: "1" }],
    ["and then its own default wins", "ARG V=1\nFROM scratch\nARG V=2\nENV V=$V", {}, { V: "2" }],
    ["a build argument wins over both", "ARG V=1\nFROM scratch\nARG V=2\nENV V=$V", { V: "3" }, { V: "3" }],
    ["one that is not declared has no effect", "FROM scratch\nENV V=$V", { V: "3" }, { V: "" }],
    ["ENV wins over ARG", "FROM scratch\nENV V=env\nARG V=arg\nENV W=$V", {}, { V: "env", W: "env" }],
    ["one line sees what held before it", "FROM scratch\nENV A=1\nENV A=2 B=$A", {}, { A: "2", B: "1" }],
  ];
  for (const [what, text, args, expected] of scopes) {
    it(`scopes variables: ${what}`, () => assert.deepEqual(recipe(text, args).environment, expected));
  }

  it("is refused with every line that needs a container engine, and what to do", () => {
    const text = [
      "FROM node AS build",
      "RUN npm ci && \\",
      "    npm test",
      "ADD x /",
      "COPY --from=build a b",
      "COPY <<EOF /x",
      "hello",
      "EOF",
      "HEALTHCHECK NONE",
      "FROM --platform=linux/amd64 scratch",
    ].join("\n");
    assert.throws(
      () => parseDockerfile(text),
      (error: Error & { exitCode: number }) => {
        assert.equal(error.exitCode, 2);
        for (const part of ["line 2: RUN", "line 4: ADD", "line 5: the flag --from", "line 6: a here-document"]) {
          assert.ok(error.message.includes(part), `${part} is missing in: ${error.message}`);
        }
        assert.match(error.message, /line 9: HEALTHCHECK.*line 10: a second FROM.*--builder docker/);
        return true;
      },
    );
  });

  const refused: [string, string, RegExp][] = [
    ["nothing", "", /there is no FROM/],
    ["comments only", "# FROM scratch\n", /there is no FROM/],
    ["an instruction before FROM", "ENV A=1\nFROM scratch", /line 1: ENV stands before FROM/],
    ["an open quote", 'FROM scratch\nENV A="b', /line 2: the quote " is never closed/],
    ["a value that is none", "FROM scratch\nENV A=1 B", /line 2: B is not NAME=value/],
    ["a name without a value", "FROM scratch\nENV A", /line 2: ENV A has no value/],
    ["a port that is none", "FROM scratch\nEXPOSE 70000", /line 2: 70000 is not a port/],
    ["COPY to a file from several", "FROM scratch\nCOPY a b c", /line 2: COPY of several sources/],
    ["COPY without destination", "FROM scratch\nCOPY a", /line 2: COPY needs at least one source/],
    ["what only looks like JSON", "FROM scratch\nCMD ['a']", /line 2: CMD looks like a JSON array/],
    ["a variable's unknown form", "FROM scratch\nENV A=${B##x}", /line 2: the variable .* is of a form/],
    ["a base that is empty", "ARG B\nFROM $B", /line 2: FROM \$B names no image/],
  ];
  for (const [what, text, message] of refused) {
    it(`is refused for ${what}`, () => {
      assert.throws(() => {
        const parsed = parseDockerfile(text);
        readBase(parsed, {});
        readRecipe(parsed, {}, { environment: {} });
      }, message);
    });
  }
});
