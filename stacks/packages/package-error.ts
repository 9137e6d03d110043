/** Its message has each problem of the packages that cdk.json names, one a line. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `${problems.join('\n')}\nThe packages of remediations in cdk.json have ${problems.length} problem${problems.length === 1 ? '' : 's'}.`,
    );
    this.problems = problems;
  }
}
