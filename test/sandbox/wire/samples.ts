import { NormalizedSchema } from "@smithy/core/schema";
import fc from "fast-check";

/** The schema argument of the SDK's reader, which takes references of several kinds. */
type Reference = Parameters<typeof NormalizedSchema.of>[0];

/** Nesting at which optional members are left out: some shapes contain themselves. */
const deepest = 8;

/**
 * Any value of a shape, as the SDK's own types declare it: every optional member is there or not, lists may be empty (maps
 * not: the query protocol cannot say so).
 *
 * @param text - what strings are made of
 */
export function sampleOf(reference: unknown, text: fc.Arbitrary<string>, depth = 0): fc.Arbitrary<unknown> {
  const shape = NormalizedSchema.of(reference as Reference);
  if (shape.isUnitSchema()) return fc.constant({});
  if (shape.isStructSchema()) return structure(shape, text, depth);
  if (shape.isListSchema()) return fc.array(sampleOf(shape.getValueSchema(), text, depth + 1), { maxLength: 3 });
  if (shape.isMapSchema()) {
    return fc.dictionary(key, sampleOf(shape.getValueSchema(), text, depth + 1), {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    });
  }
  if (shape.isStringSchema()) return text;
  if (shape.isBooleanSchema()) return fc.boolean();
  if (shape.isNumericSchema()) return fc.integer();
  if (shape.isDocumentSchema())
    return fc.record({ any: text, list: fc.array(fc.integer()) }, { noNullPrototype: true });
  if (shape.isBlobSchema()) return fc.uint8Array();
  // A whole second: the one precision that every protocol keeps.
  if (shape.isTimestampSchema()) return fc.integer({ min: 0, max: 2_000_000_000 }).map((s) => new Date(s * 1000));
  throw new Error(`no sample for ${shape.getName()}`);
}

const key = fc.stringMatching(/^[a-z]{1,8}$/);

function structure(shape: NormalizedSchema, text: fc.Arbitrary<string>, depth: number): fc.Arbitrary<unknown> {
  const schema = shape.getSchema();
  const required = Array.isArray(schema) ? ((schema[6] as number | undefined) ?? 0) : 0;
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  const requiredKeys: string[] = [];
  for (const [name, member] of shape.structIterator()) {
    const position = Object.keys(members).length;
    // The query protocol cannot say "a structure without members": below the top, the first is always there. Clients fill in tokens.
    const always = position < required || (depth > 0 && position === 0) || member.isIdempotencyToken();
    if (always) requiredKeys.push(name);
    else if (depth >= deepest && !shape.isUnionSchema()) break;
    members[name] = sampleOf(member, text, depth + 1);
  }
  return shape.isUnionSchema() ? oneMember(members) : fc.record(members, { requiredKeys, noNullPrototype: true });
}

function oneMember(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return fc.oneof(...Object.entries(members).map(([name, value]) => value.map((item) => ({ [name]: item }))));
}
