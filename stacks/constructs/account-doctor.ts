/**
 * Doctor's function in the service account. Its role is below the path that member roles trust, but no remediation has
 * its tag: it can show that a member role can be assumed, and cannot do anything in that session.
 */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { API_ROUTES } from '../../functions/domain/api.ts';
import { REMEDIATION_TAG } from '../../functions/domain/permissions.ts';
import { type SutureContext, servicePlace } from '../context.ts';
import { memberInstallation } from '../member-role.ts';
import { DOCTOR_TAG, homeTableArn, memberRoleArn, namesIn } from '../names.ts';
import { DOCTOR_TIMEOUT, placeAllowances } from './doctor.ts';
import { type Bundles, SutureFunction } from './function.ts';
import { sessionsOf } from './role.ts';

export type AccountDoctorOptions = {
  readonly context: SutureContext;
  readonly key: IKey;
  readonly topicArn: string;
  readonly bundles: Bundles;
};

export class AccountDoctor extends Construct {
  constructor(scope: Construct, id: string, { context, key, topicArn, bundles }: AccountDoctorOptions) {
    super(scope, id);
    const place = servicePlace(context);
    const { partition, region, account } = place;
    const names = namesIn(this);
    const tableArn = homeTableArn(place, names.journalTable);
    const stack = names.stack('Journal');
    const withoutSlash = names.rolePath.slice(1);
    const facts = {
      place: { account, region, topicArn, table: { name: names.journalTable, arn: tableArn, stack } },
      regions: context.regions,
      members: memberInstallation(context),
      roles: {
        ...{ partition, externalId: context.externalId, tag: DOCTOR_TAG },
        doctor: `${withoutSlash}${names.memberDoctorRole}`,
        member: `${withoutSlash}${names.memberRole}`,
      },
    };
    const doctor = new SutureFunction(this, 'Function', {
      ...{ place, key, bundles },
      name: 'account-doctor',
      description: 'Checks the roles of member accounts for people, and writes nothing',
      role: {
        path: names.executionRolePath,
        tags: { [REMEDIATION_TAG]: DOCTOR_TAG },
      },
      timeout: DOCTOR_TIMEOUT,
      environment: { DOCTOR_FACTS: JSON.stringify(facts) },
      allows: [
        ...placeAllowances(place, { topicArn, tableArn, stack }),
        ...sessionsOf(
          [names.memberDoctorRole, names.memberRole].map((role) => memberRoleArn(context, '*', role)),
          context,
          'The roles of every account of the organization, and of no other',
        ),
      ],
    });
    permitApi(this, context, doctor.function.functionArn);
  }
}

/**
 * Lets the doctor's routes of any API of the security account invoke the function. The API's id does not exist yet: its
 * stack is deployed after this one.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-cross-account-lambda-integrations.html
 */
function permitApi(scope: Construct, { partition, homeRegion, securityAccount }: SutureContext, functionName: string) {
  const routes = Object.values(API_ROUTES).filter(({ to }) => to === 'account-doctor');
  for (const { method, path } of routes)
    new CfnPermission(scope, `Api-${method}${path.replaceAll('/', '-')}`, {
      action: 'lambda:InvokeFunction',
      functionName,
      principal: 'apigateway.amazonaws.com',
      sourceAccount: securityAccount,
      sourceArn: `arn:${partition}:execute-api:${homeRegion}:${securityAccount}:*/${namesIn(scope).api.stage}/${method}${path}`,
    });
}
