import type { StackProps } from 'aws-cdk-lib';
import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ledgerTable } from './constructs/table.ts';
import { type SutureContext, securityPlace } from './context.ts';
import { homeTableArn, InstallationStack, namesIn } from './names.ts';

export type LedgerStackProps = StackProps & { readonly context: SutureContext; readonly key: IKey };

/** The ledger alone: nothing is created after the table, so a first deployment that fails leaves no table. */
export class LedgerStack extends InstallationStack {
  readonly table: ITable;

  constructor(scope: Construct, id: string, { context, key, ...props }: LedgerStackProps) {
    super(scope, id, { ...props, context });
    const { audit: streams, ledgerIndexes: indexes } = context;
    this.table = ledgerTable(this, 'Ledger', namesIn(this).ledgerTable, key, { streams, indexes });
  }
}

/** The ledger, for the other stacks of its account and Region: its name is fixed. */
export const importedLedger = (scope: Construct, context: SutureContext): ITable =>
  Table.fromTableArn(scope, 'Ledger', homeTableArn(securityPlace(context), namesIn(scope).ledgerTable));
