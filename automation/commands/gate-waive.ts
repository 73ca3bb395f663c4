import type { Evidence } from "../../model/gates/evidence.ts";
import { changeOf, collectChange } from "../../model/gates/people.ts";
import { breakGlass, waiverNotice, whyNotWaived } from "../../model/gates/waivers.ts";
import type { CommandModule } from "../cli.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import { actorOf } from "../gates/actor.ts";
import { factsAbout } from "../gates/approval-status.ts";
import { audit } from "../gates/audit.ts";
import { imageName } from "../gates/gate-report.ts";
import type { Judgement } from "../gates/judgement.ts";
import { askedImages, openAndJudge, spokenFor } from "../gates/open.ts";
import type { Pack } from "../gates/pack.ts";
import { plain } from "../gates/plain.ts";
import { writeRecord } from "../gates/record.ts";
import { OptionReader } from "../options.ts";

type Waiver = Evidence<"waiver">;

export const run: CommandModule["run"] = async ({ args, options, output }) => {
  const reader = new OptionReader(options);
  const asked = askedImages(reader, true);
  const hours = reader.number("hours", 1, 8760) ?? 0;
  const reason = plain(reader.text("reason") ?? "", 1000);
  if (reason.length < 4)
    reader.mistake(`--reason: at least 4 characters, for those who read it later; got ${JSON.stringify(reason)}`);
  const gate = chosenGate(args[0], reader);
  reader.done();
  const now = Date.now();
  const { target, pack, judgements } = await openAndJudge(asked, output, now);
  const kind = "waiver";
  const actor = await actorOf({ pack, sandbox: target.sandbox, as: reader.text("as"), kind });
  const until = new Date(now + hours * 3_600_000).toISOString();
  const result = { environment: pack.environment, gate, by: actor.login, reason, until };
  const waiver = { kind, signer: actor.signer, collectedAt: now, madeAt: now, result } as Waiver;
  const wanting = wantingImages(spokenFor(asked, judgements), gate);
  refuse(pack, wanting, { waiver, now });
  for (const judgement of wanting) {
    const { repository, evidence, tag, verdict } = judgement;
    const file = await writeRecord({ pack, kind, repository, known: evidence, result, now });
    const action = gate === breakGlass ? "break-glass" : "waiver";
    const details = { ...result, repository, tag, file, stack: target.stack };
    await audit(pack.store, { action, subject: verdict.digest, actor: actor.login, at: now, details });
    output.warn(waiverNotice(factsAbout(pack, judgement, now), waiver));
  }
  const images = wanting.map(({ repository, tag, verdict: { digest } }) => ({ repository, tag, digest }));
  if (reader.flag("json")) output.json({ ...result, images });
  return undefined;
};

function chosenGate(named: string | undefined, reader: OptionReader): string {
  const all = reader.flag("breakGlass");
  if (named === breakGlass) reader.mistake("every gate at once is --break-glass, and meant");
  if (all === (named !== undefined)) reader.mistake("name one gate, or give --break-glass for all of them");
  return all ? breakGlass : (named ?? "");
}

/**
 * The images that need it. What holds by itself is not waived: the log would tell of a risk that nobody took.
 *
 * @throws SluiceError (2) where there is no such gate, or it holds for all of them
 */
function wantingImages(judgements: readonly Judgement[], gate: string): Judgement[] {
  const concerns = (one: string) => gate === breakGlass || one === gate;
  const gates = judgements.flatMap(({ verdict }) => verdict.gates);
  if (!gates.some((one) => concerns(one.gate))) {
    throw configurationError(
      gate === breakGlass ? "no gate is demanded here" : `there is no gate ${plain(gate)} here`,
      {
        remedy: `name one of: ${[...new Set(gates.map((one) => one.gate))].join(", ") || "(there is none)"}`,
      },
    );
  }
  const wanting = judgements.filter(({ verdict }) => verdict.gates.some((one) => concerns(one.gate) && !one.passed));
  if (wanting.length > 0) return wanting;
  throw configurationError("nothing has to be waived: it holds, or was waived", { remedy: "see: sluice gate check" });
}

/** @throws SluiceError (5) with the judge's own reasons why it would not count */
function refuse(pack: Pack, images: readonly Judgement[], { waiver, now }: { waiver: Waiver; now: number }): void {
  const integrity =
    waiver.result.gate === "integrity" ? "evidence that was tampered with is waived by --break-glass alone" : undefined;
  const details = images.flatMap((judgement) => {
    const why = integrity ?? whyNotWaived(factsAbout(pack, judgement, now), waiver);
    return why === undefined ? [] : [`${imageName(judgement)}: ${why}`];
  });
  if (details.length === 0) return;
  const unknown = images.some((judgement) => typeof changeOf(factsAbout(pack, judgement, now)) === "string");
  const who = `who may, and for how long, stands in "waivers" of the gates of ${pack.environment}, in policy/config.json`;
  throw new SluiceError("this waiver would not count; nothing was written", {
    exitCode: ExitCode.policy,
    details: details.map((line) => plain(line)),
    remedy:
      unknown && integrity === undefined && waiver.result.gate !== breakGlass
        ? `say first what is released: ${collectChange}`
        : who,
  });
}
