/** A security contact as policy names it. */
import { createHash } from 'node:crypto';
import * as z from 'zod';

export const CONTACT_PARAMS = z.strictObject({
  name: z.string().min(1).max(64).optional(),
  title: z.string().min(1).max(50).optional(),
  emailAddress: z
    .string()
    .max(254)
    .regex(/^[\w+=.#|!&-]+@[\w.-]+\.\w+$/)
    .optional(),
  phoneNumber: z
    .string()
    .regex(/^[\s0-9()+-]{1,25}$/)
    .optional(),
});

type Contact = { readonly [K in keyof z.infer<typeof CONTACT_PARAMS>]: string | undefined };

export const isCompleteContact = ({ name, title, emailAddress, phoneNumber }: Contact): boolean =>
  Boolean(name && title && emailAddress && phoneNumber);

/** Returns a text that differs between contacts, and from which nobody can read one. */
export const contactDigest = ({ name, title, emailAddress, phoneNumber }: Contact): string =>
  createHash('sha256')
    .update(JSON.stringify([name, title, emailAddress, phoneNumber]))
    .digest('hex');
