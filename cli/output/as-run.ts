import { asTyped } from './as-typed.ts';

/** Matches a command of the AWS CLI, unless a sentence only names it: `as aws securityhub get-findings prints it`. */
const AWS_COMMAND =
  /(?<!as )\baws (?=[a-z][a-z0-9-]+ (?:[a-z]+-[a-z-]+|cp|deploy|publish|subscribe|sync)\b)(?!configure |sso )/g;

/**
 * Returns text for people, with commands that work here. Version 1 of the AWS CLI takes AWS_ENDPOINT_URL for some services
 * only, and would call AWS itself for the others: SQS, RDS and EMR are among them.
 */
export const asRun = (text: string): string =>
  process.env.AWS_ENDPOINT_URL
    ? asTyped(text).replaceAll(AWS_COMMAND, 'aws --endpoint-url "$$AWS_ENDPOINT_URL" ')
    : asTyped(text);
