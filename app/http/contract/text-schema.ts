/**
 * Schemas of text. Each rule is also a JSON Schema keyword, so that the OpenAPI document states what is
 * rejected. Patterns use syntax that ECMA-262, Python and Rust share (no property escapes, no lookaround) and
 * match in linear time.
 */
import { z } from 'zod';
import { BEYOND_TEXT, BLANKS, CONTROLS, MARKS, REORDERING, UNDEFINED } from './character-classes.ts';

const WITHOUT_CONTROLS = new RegExp(`^[^${CONTROLS}]*$`, 'u');
const REFUSED = CONTROLS + REORDERING + UNDEFINED;
const BEGINNING = `[${BLANKS}]*[^${REFUSED}${BLANKS}${MARKS}]`;

/**
 * The rules of textSchema in one pattern, except the one on BEYOND_TEXT. Generators produce matching texts
 * directly.
 */
const READABLE = `^${BEGINNING}[^${REFUSED}]*$`;
const READABLE_OR_EMPTY = `^(?:${BEGINNING}[^${REFUSED}]*)?$`;

const SOMETHING_VISIBLE = new RegExp(`[^${CONTROLS}${REORDERING}${BLANKS}]`, 'u');
const REORDERED = new RegExp(`[${REORDERING}]`, 'u');
const UNDEFINED_SOMEWHERE = new RegExp(`[${UNDEFINED}]|[${BEYOND_TEXT}]`, 'u');
/** A leading mark would be rendered on whatever precedes the text. */
const BEGINS_WITH_A_BASE = new RegExp(`^[${BLANKS}]*(?:[^${BLANKS}${MARKS}]|$)`, 'u');

/**
 * Text that people read, of `min` to `max` code points, as MySQL and JSON Schema count them. It is
 * well-formed Unicode (no lone surrogates), has no control characters and is visible. It does not change how
 * adjacent text is shown, and has no private-use characters. With `min` 0 it may be empty.
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
      not: { pattern: `[${BEYOND_TEXT}]` },
    });
}

/** Text that is not displayed, such as a password: as above, without the rule on visibility. */
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

/** Whether the text has a visible character. */
export function isVisible(text: string): boolean {
  return SOMETHING_VISIBLE.test(text);
}

/** Whether the text has `min` to `max` code points. Counts them only when code units do not decide. */
function isWithin(value: string, min: number, max: number): boolean {
  const units = value.length;
  if (units < min || units > 2 * max) return false;
  if (units >= 2 * min && units <= max) return true;
  const points = Array.from(value).length;
  return points >= min && points <= max;
}
