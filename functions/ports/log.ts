/** Keys that the logger sets itself. It drops a field with one of these names, and logs a warning about it. */
type ReservedKey = 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp';

export type LogFields = Readonly<Record<string, unknown>> & { readonly [Key in ReservedKey]?: never };

/** The message is static; data goes into fields. */
export type Warn = (message: string, fields: LogFields) => void;
