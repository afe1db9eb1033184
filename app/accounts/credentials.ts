/** E-mail addresses and new passwords, by the same rules over HTTP and on the command line. */
import { z } from 'zod';
import { plainTextSchema } from '../http/contract/text-schema.ts';

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

/**
 * A dot-atom of RFC 5322 at a host name, in ASCII; comes out in lower case. A quoted local part, a comment and an address
 * literal are refused, which browsers do not take in a field for an address either.
 */
export const emailSchema = z
  .string()
  .max(254)
  .regex(new RegExp(String.raw`^${ATOM}(?:\.${ATOM})*@${LABEL}(?:\.${LABEL})*$`), {
    error: 'must be an e-mail address such as name@shop.example',
  })
  .meta({ description: 'An e-mail address.' })
  .toLowerCase();

/** Length bounds of NIST SP 800-63B; the upper one bounds the work of hashing. */
export const newPasswordSchema = plainTextSchema(8, 128);
