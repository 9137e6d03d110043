import * as z from 'zod';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';

/**
 * Returns the JSON Schema of policy.yaml, with which editors complete and check it. `suture policy check` also checks
 * what a schema cannot express.
 */
export function policySchema(remediations: readonly Remediation[]): string {
  const { $schema, ...schema } = z.toJSONSchema(SuturePolicy, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    reused: 'ref',
  });
  const controls = schema.properties?.controls as Record<string, unknown>;
  const { additionalProperties: rule, propertyNames: _, ...otherKeywords } = controls;
  const properties = remediations.flatMap(({ handles, title }) =>
    handles.controls.map(
      (control) => [control, { description: title, allOf: [{ $ref: '#/definitions/rule' }] }] as const,
    ),
  );
  return `${JSON.stringify(
    {
      $schema,
      title: 'policy.yaml of Suture',
      ...schema,
      properties: {
        ...schema.properties,
        controls: { ...otherKeywords, properties: Object.fromEntries(properties), additionalProperties: false },
      },
      definitions: { ...(schema.definitions as object | undefined), rule },
    },
    null,
    2,
  )}\n`;
}
