/** Texts that may exceed an item of DynamoDB (400 KB), which continue in further items of their partition. */
import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SutureError } from '../contract/errors.ts';

/** A character has at most four bytes. */
const PART_CHARACTERS = 100_000;

export type TextKey = { readonly pk: AttributeValue.SMember; readonly sk: AttributeValue.SMember };
export type LongTexts = {
  put(key: TextKey, field: string, text: string): Promise<void>;
  /** @throws SutureError ServiceUnavailable while another text is being written */
  get(key: TextKey, field: string): Promise<string | undefined>;
};

export function dynamoLongTexts(table: string, client: DynamoDBClient, now: () => number): LongTexts {
  const put = (Item: TextKey & Record<string, AttributeValue>) =>
    client.send(new PutItemCommand({ TableName: table, Item }));
  const get = async (Key: TextKey) =>
    (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;

  return {
    async put(key, field, text) {
      const [first = '', ...further] = text.match(new RegExp(`[^]{1,${PART_CHARACTERS}}`, 'gu')) ?? [];
      const written = { N: String(now()) };
      for (const [n, part] of further.entries()) await put({ ...partKey(key, n + 1), [field]: { S: part }, written });
      const parts = further.length > 0 && { parts: { N: String(further.length) }, written };
      // Written last, because it says how many others there are.
      await put({ ...key, ...parts, [field]: { S: first } });
    },

    async get(key, field) {
      const first = await get(key);
      if (!first) return undefined;
      const texts = [first[field]!.S!];
      for (let n = 1; n <= Number(first.parts?.N ?? 0); n++) {
        const part = await get(partKey(key, n));
        if (part?.written?.N !== first.written?.N)
          throw new SutureError(
            'ServiceUnavailable',
            `The list ${key.sk.S} of the ledger is being written. Try again.`,
          );
        texts.push(part![field]!.S!);
      }
      return texts.join('');
    },
  };
}

const partKey = ({ pk, sk }: TextKey, n: number): TextKey => ({ pk, sk: { S: `${sk.S}#${n}` } });
