/** SDK clients see `code` as `error.name`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further modelled members of the error shape, for example `CancellationReasons`. */
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
