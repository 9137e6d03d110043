/** Security contacts in items of their own, so that a function that caches them cannot write accounts. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CONTACT } from '../domain/account.ts';
import type { ContactStore } from '../ports/security-contacts.ts';
import { itemKey, numberAttribute, numberFrom } from './ledger-items.ts';

export function dynamoContacts(table: string, client: DynamoDBClient, now = Date.now): ContactStore {
  const keyOf = (account: string) => itemKey(`${CONTACT}${account}`, 'contact');
  return {
    async read(account) {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(account) }));
      if (!Item || (numberFrom(Item.until) ?? 0) <= now()) return undefined;
      return Item.mail?.S === undefined ? {} : { mail: Item.mail.S };
    },
    async put(account, { mail }, until) {
      const times = { until: numberAttribute(until), expires: numberAttribute(Math.ceil(until / 1000)) };
      const Item = { ...keyOf(account), ...times, ...(mail !== undefined && { mail: { S: mail } }) };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
  };
}
