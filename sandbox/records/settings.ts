/** Settings of an account in a Region, which no resource has. */
import type { AwsError } from '../kernel/kernel.ts';
import { type RecordVerb, verb } from './operation.ts';
import { type RecordAt, type RecordFields, recordArn } from './record.ts';
import { anythingIn, keptFields, type MemberRules } from './rules.ts';

export type AccountSetting = {
  readonly name: string;
  /** The member that tells settings of one kind apart: the type of a contact, the id of a setting. */
  readonly by?: string;
  /** Returns the value of `by` as AWS keeps it. */
  readonly normalId?: (given: string) => string;
  /** As of a kind of records: `{id}` is the value of `by`. `*` if IAM knows no resource. */
  readonly arn: string;
  /** AWS's error for a value that it does not accept. */
  readonly invalid: (message: string) => AwsError;
  /** Returns the value before anybody changes it; absent or undefined: none. */
  readonly initially?: (id: string, at: RecordAt) => RecordFields | undefined;
  /** AWS's error for a setting that has no value. */
  readonly missing?: (id: string) => AwsError;
  /** Members that AWS generates. */
  readonly generated?: readonly string[];
};

/** Returns the name of a setting in the state. */
export const settingName = ({ name, by }: AccountSetting, id: string): string => (by ? `${name} ${id}` : name);

type Shows<I, O> = (value: RecordFields, at: RecordAt, input: NoInfer<I>) => NoInfer<O>;

export const getsSetting = <I extends object, O>(
  setting: AccountSetting,
  options: { readonly takes?: MemberRules<NoInfer<I>>; readonly shows: Shows<I, O> },
): RecordVerb<I, O> =>
  settingVerb<I, O>(setting, options.takes, (input, id, at) =>
    options.shows(existingSetting(setting, id, at), at, input),
  );

/** Replaces a setting by what the request gives. */
export const putsSetting = <I extends object, O>(
  setting: AccountSetting,
  options: {
    readonly takes: MemberRules<NoInfer<I>>;
    /** @throws AwsError what AWS refuses beside single values */
    readonly check?: (input: NoInfer<I>) => void;
    /** Returns fields that AWS adds. */
    readonly also?: (at: RecordAt) => RecordFields;
    readonly shows?: Shows<I, O>;
  },
): RecordVerb<I, O> => {
  const { takes, check, also, shows } = options;
  return settingVerb<I, O>(setting, takes, (input, id, at) => {
    check?.(input);
    if (setting.initially) existingSetting(setting, id, at);
    const value = { ...keptFields(input, takes), ...also?.(at) };
    at.state.settings[settingName(setting, id)] = value;
    return (shows?.(value, at, input) ?? {}) as O;
  });
};

/** Returns a setting to what it was before anybody changed it. */
export const resetsSetting = <I extends object, O>(
  setting: AccountSetting,
  options: { readonly takes?: MemberRules<NoInfer<I>>; readonly shows?: Shows<I, O> } = {},
): RecordVerb<I, O> =>
  settingVerb<I, O>(setting, options.takes, (input, id, at) => {
    existingSetting(setting, id, at);
    delete at.state.settings[settingName(setting, id)];
    const value = setting.initially?.(id, at) ?? {};
    return (options.shows?.(value, at, input) ?? {}) as O;
  });

function settingVerb<I extends object, O>(
  setting: AccountSetting,
  takes: MemberRules<I> | undefined,
  run: (input: I, id: string, at: RecordAt) => O,
): RecordVerb<I, O> {
  const { by, arn, invalid, normalId = (given: string) => given } = setting;
  const idIn = (input: I) => (by ? normalId(String((input as RecordFields)[by] ?? '')) : '');
  return verb<I, O>({
    rules: { ...anythingIn<I>(by ? [by] : []), ...takes },
    invalid,
    arns: [arn],
    needs: (input, at) => [{ resource: recordArn(setting, at, idIn(input)) }],
    run: (input, at) => run(input, idIn(input), at),
  });
}

function existingSetting(setting: AccountSetting, id: string, at: RecordAt): RecordFields {
  const value = at.state.settings[settingName(setting, id)] ?? setting.initially?.(id, at);
  if (value) return value;
  throw setting.missing?.(id) ?? setting.invalid(`There is no ${settingName(setting, id)}`);
}
