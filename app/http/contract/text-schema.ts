/**
 * Schemas of text. Each rule is a JSON Schema keyword as well, so that the OpenAPI document says what is refused: patterns are
 * written with what ECMA-262, Python and Rust read alike (no property escapes, no lookaround) and match in linear time.
 */
import { z } from 'zod';
import { BLANKS, CONTROLS, MARKS, PRIVATE_PLANES, REORDERING, UNDEFINED } from './character-classes.ts';

const WITHOUT_CONTROLS = new RegExp(`^[^${CONTROLS}]*$`, 'u');
const REFUSED = CONTROLS + REORDERING + UNDEFINED;
const BEGINNING = `[${BLANKS}]*[^${REFUSED}${BLANKS}${MARKS}]`;

/** What textSchema checks one after the other, but for planes 15 and 16: generators make texts of it without trying. */
const READABLE = `^${BEGINNING}[^${REFUSED}]*$`;
const READABLE_OR_EMPTY = `^(?:${BEGINNING}[^${REFUSED}]*)?$`;

const SOMETHING_VISIBLE = new RegExp(`[^${CONTROLS}${REORDERING}${BLANKS}]`, 'u');
const REORDERED = new RegExp(`[${REORDERING}]`, 'u');
const UNDEFINED_SOMEWHERE = new RegExp(`[${UNDEFINED}${PRIVATE_PLANES}]`, 'u');
/** A mark that is the first to be seen would be shown on what stands before the text. */
const BEGINS_WITH_A_BASE = new RegExp(`^[${BLANKS}]*(?:[^${BLANKS}${MARKS}]|$)`, 'u');

/**
 * Text that people read, of `min` to `max` code points, as MySQL and JSON Schema count them: well-formed Unicode (no lone
 * surrogates), no control characters, and something in it that can be seen. Nothing in it changes how text beside it is shown,
 * and nothing has a meaning for one reader only. With `min` 0 it may be empty.
 */
export function textSchema(min: number, max: number) {
  return plainTextSchema(min, max)
    .refine((text) => isVisible(text) || (min === 0 && text === ''), {
      error: 'must have something that can be seen',
    })
    .refine((text) => !REORDERED.test(text), {
      error: 'must have no characters that reorder or hide the text beside them',
    })
    .refine((text) => !UNDEFINED_SOMEWHERE.test(text), {
      error: 'must have no private-use characters or noncharacters',
    })
    .refine((text) => BEGINS_WITH_A_BASE.test(text), { error: 'must not begin with a combining mark' })
    .meta({
      ...lengths(min, max),
      pattern: min === 0 ? READABLE_OR_EMPTY : READABLE,
      not: { pattern: `[${PRIVATE_PLANES}]` },
    });
}

/** Text that nobody reads, such as a password: as above, but for what can be seen. */
export function plainTextSchema(min: number, max: number) {
  return z
    .string()
    .regex(WITHOUT_CONTROLS, { error: 'must have no control characters' })
    .refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' })
    .refine((value) => isWithin(value, min, max), { error: `must have ${min} to ${max} characters` })
    .meta(lengths(min, max));
}

function lengths(min: number, max: number) {
  return { ...(min === 0 ? {} : { minLength: min }), maxLength: max };
}

/** Whether there is anything in a text that can be seen. */
export function isVisible(text: string): boolean {
  return SOMETHING_VISIBLE.test(text);
}

/** Whether a text has this many code points; counts them only where code units do not decide. */
function isWithin(value: string, min: number, max: number): boolean {
  const units = value.length;
  if (units < min || units > 2 * max) return false;
  if (units >= 2 * min && units <= max) return true;
  const points = Array.from(value).length;
  return points >= min && points <= max;
}
