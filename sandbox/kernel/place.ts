export type AwsPlace = { readonly partition: string; readonly account: string; readonly region: string };
