/** SDK clients see `code` as `error.name`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error shape, for example `CancellationReasons`; for S3 also text that is not modelled. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Headers of the answer, such as S3's `x-amz-bucket-region`. */
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: string,
    message: string,
    status = 400,
    fields: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
    this.headers = headers;
  }
}
