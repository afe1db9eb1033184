/**
 * Schemas of text. Each rule is a JSON Schema keyword as well, so that the OpenAPI document says what is refused: patterns are
 * written with what ECMA-262, Python and Rust read alike (no property escapes, no lookaround) and match in linear time.
 */
import { z } from 'zod';

/** Cc without tab, line feed and carriage return, which are text. */
const CONTROLS = String.raw`\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f`;

/** Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt); astral ranges as characters. */
export const IGNORABLES = String.raw`\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8${range(0x1bca0, 0x1bca3)}${range(0x1d173, 0x1d17a)}${range(0xe0000, 0xe0fff)}`;

/** White_Space, the blank of Braille and the anchors of annotations: nothing to see either. */
const BLANKS = String.raw`\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\ufff9-\ufffb`;

const WITHOUT_CONTROLS = new RegExp(`^[^${CONTROLS}]*$`, 'u');
const VISIBLE = `[^${CONTROLS}${IGNORABLES}${BLANKS}]`;
const SOMETHING_VISIBLE = new RegExp(VISIBLE, 'u');
const NOTHING_OR_VISIBLE = new RegExp(`^$|${VISIBLE}`, 'u');

/**
 * Text that people read, of `min` to `max` code points, as MySQL and JSON Schema count them: well-formed Unicode (no lone
 * surrogates), no control characters, and something in it that can be seen. With `min` 0 it may be empty.
 */
export function textSchema(min: number, max: number) {
  return plainTextSchema(min, max).regex(min === 0 ? NOTHING_OR_VISIBLE : SOMETHING_VISIBLE, {
    error: 'must have something that can be seen',
  });
}

/** Text that nobody reads, such as a password: as above, but for what can be seen. */
export function plainTextSchema(min: number, max: number) {
  return z
    .string()
    .regex(WITHOUT_CONTROLS, { error: 'must have no control characters' })
    .refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' })
    .refine((value) => isWithin(value, min, max), { error: `must have ${min} to ${max} characters` })
    .meta({ ...(min === 0 ? {} : { minLength: min }), maxLength: max });
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

function range(from: number, to: number): string {
  return `${String.fromCodePoint(from)}-${String.fromCodePoint(to)}`;
}
