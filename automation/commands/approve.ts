import type { Evidence } from "../../model/gates/evidence.ts";
import { changeOf, objection } from "../../model/gates/people.ts";
import type { CommandModule } from "../cli.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import { type Actor, actorOf } from "../gates/actor.ts";
import { approvalStatus, factsAbout, rolesAsked, statusLines } from "../gates/approval-status.ts";
import { audit } from "../gates/audit.ts";
import { imageName } from "../gates/gate-report.ts";
import type { Judgement } from "../gates/judgement.ts";
import { judgeImages } from "../gates/judgement.ts";
import { askedImages, openAndJudge, spokenFor } from "../gates/open.ts";
import type { Pack } from "../gates/pack.ts";
import { plain } from "../gates/plain.ts";
import { writeRecord } from "../gates/record.ts";
import { OptionReader } from "../options.ts";

const hour = 3_600_000;

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const asked = askedImages(reader, true);
  const hours = reader.number("hours", 1, 720) ?? 72;
  const role = reader.text("role") ?? "";
  const reason = plain(reader.text("reason") ?? "", 1000);
  reader.done();
  const now = Date.now();
  const { target, pack, gates, judgements: all } = await openAndJudge(asked, output, now);
  const judgements = spokenFor(asked, all);
  const actor = await actorOf({ pack, sandbox: target.sandbox, as: reader.text("as"), kind: "approval" });
  refuse(pack, judgements, { actor, role, now });
  const until = new Date(now + hours * hour).toISOString();
  for (const { repository, evidence, tag, verdict } of judgements) {
    const result = { environment: pack.environment, role, by: actor.login, reason, until };
    const file = await writeRecord({ pack, kind: "approval", repository, known: evidence, result, now });
    const details = { ...result, repository, tag, file, stack: target.stack };
    await audit(pack.store, { action: "approval", subject: verdict.digest, actor: actor.login, at: now, details });
  }
  const images = judgements.map(({ verdict: { digest }, ...image }) => ({ ...image, digest }));
  const statuses = (await judgeImages(pack, gates, images, now)).map((one) => approvalStatus(pack, one, now));
  if (reader.flag("json")) output.json({ by: actor.login, role, until, images: statuses });
  else for (const line of statuses.flatMap(statusLines)) output.data(line);
  output.say(`${actor.login} approved as ${role} for ${pack.environment}, until ${until}`);
  return undefined;
};

interface Approving {
  actor: Actor;
  role: string;
  now: number;
}

/** @throws SluiceError (2) for a role that nobody asks for, (5) with the judge's own reasons why it would not count */
function refuse(pack: Pack, judgements: readonly Judgement[], { actor, role, now }: Approving): void {
  const roles = new Set(judgements.flatMap(({ gates }) => rolesAsked(gates)));
  if (!roles.has(role)) {
    throw configurationError(`no gate of ${pack.environment} asks for an approval by the role ${plain(role)}`, {
      remedy: `approve as one of: ${[...roles].join(", ") || "(nobody must approve)"}`,
    });
  }
  const details = judgements.flatMap((judgement) => {
    const facts = factsAbout(pack, judgement, now);
    const change = changeOf(facts);
    const approval = { signer: actor.signer, result: { by: actor.login, role } } as Evidence<"approval">;
    const why = typeof change === "string" ? change : objection(facts, approval, [role], change);
    return why === undefined ? [] : [`${imageName(judgement)}: ${why}`];
  });
  if (details.length === 0) return;
  throw new SluiceError("this approval would not count; nothing was written", {
    exitCode: ExitCode.policy,
    details: details.map((line) => plain(line)),
    remedy:
      "have somebody else of that role approve; where the change is not known: sluice gate collect --change BASE..HEAD",
  });
}
