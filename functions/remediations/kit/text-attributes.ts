/** Attributes that AWS keeps as texts by key, as Elastic Load Balancing, SNS and SQS do. */
import type * as z from 'zod';
import type { AttributeValue, AttributeValues } from './resource-type.ts';

type Texts = Readonly<Record<string, string | undefined>>;
type TextList = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];
type Typed<V> = { readonly [K in keyof V]: { readonly type: z.ZodType<V[K]> } };

/**
 * Returns the values of the attributes whose keys AWS's texts have: `"true"` is true for an attribute of type boolean.
 * @throws ZodError if a text is not a value of its type
 */
export function valuesOfTexts<V extends AttributeValues>(attributes: Typed<V>, texts: Texts | TextList): Partial<V> {
  const byKey = Array.isArray(texts) ? Object.fromEntries(texts.map(({ Key = '', Value }) => [Key, Value])) : texts;
  const known = Object.keys(attributes).filter((name) => byKey[name] !== undefined);
  return Object.fromEntries(
    known.map((name) => [name, typedValue(attributes[name]!.type, byKey[name]!)]),
  ) as Partial<V>;
}

const typedValue = (type: z.ZodType, text: string): unknown =>
  type.safeParse(text).success ? text : type.parse(/^(true|false|-?\d+)$/.test(text) ? JSON.parse(text) : text);

/** Returns values as a list of AWS's texts. */
export const textsOfValues = (values: Readonly<Record<string, AttributeValue | undefined>>) =>
  Object.entries(values).map(([Key, value]) => ({ Key, Value: String(value) }));

/** Returns values as AWS's texts by key. An attribute without a value is the empty text. */
export const textRecord = (values: Readonly<Record<string, AttributeValue | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value ?? '')]));
