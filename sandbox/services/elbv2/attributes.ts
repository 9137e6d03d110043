/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import type { LoadBalancerRecord } from './state.ts';

type Attributes = LoadBalancerRecord['attributes'];

const COMMON: Attributes = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'deletion_protection.enabled': 'false',
  'ipv6.deny_all_igw_traffic': 'false',
  'zonal_shift.config.enabled': 'false',
};

/** The attributes of a new load balancer. */
export const DEFAULT_ATTRIBUTES: Readonly<Record<LoadBalancerRecord['type'], Attributes>> = {
  application: {
    ...COMMON,
    'client_keep_alive.seconds': '3600',
    'connection_logs.s3.enabled': 'false',
    'connection_logs.s3.bucket': '',
    'connection_logs.s3.prefix': '',
    'idle_timeout.timeout_seconds': '60',
    'load_balancing.cross_zone.enabled': 'true',
    'routing.http.desync_mitigation_mode': 'defensive',
    'routing.http.drop_invalid_header_fields.enabled': 'false',
    'routing.http.preserve_host_header.enabled': 'false',
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
    'routing.http.xff_client_port.enabled': 'false',
    'routing.http.xff_header_processing.mode': 'append',
    'routing.http2.enabled': 'true',
    'waf.fail_open.enabled': 'false',
  },
  network: {
    ...COMMON,
    'dns_record.client_routing_policy': 'any_availability_zone',
    'load_balancing.cross_zone.enabled': 'false',
  },
};

/** Values of attributes that are neither true nor false. */
const VALUES: Readonly<Record<string, RegExp>> = {
  'client_keep_alive.seconds': /^\d{2,6}$/,
  'dns_record.client_routing_policy':
    /^(any_availability_zone|partial_availability_zone_affinity|availability_zone_affinity)$/,
  'idle_timeout.timeout_seconds': /^\d{1,4}$/,
  'routing.http.desync_mitigation_mode': /^(monitor|defensive|strictest)$/,
  'routing.http.xff_header_processing.mode': /^(append|preserve|remove)$/,
};
const SWITCH = /^(true|false)$/;

/** @throws AwsError for an attribute that load balancers of this type do not have */
export function changedAttributes(
  { type, attributes }: LoadBalancerRecord,
  given: readonly sdk.LoadBalancerAttribute[],
): Attributes {
  const known = DEFAULT_ATTRIBUTES[type];
  for (const { Key = '', Value = '' } of given) {
    if (!(Key in known)) throw invalid(`Load balancer attribute key '${Key}' is not recognized`);
    if (/_logs\.s3\./.test(Key) && Value !== known[Key]) throw notModelled('logs of load balancers');
    if (!/_logs\.s3\./.test(Key) && !(VALUES[Key] ?? SWITCH).test(Value))
      throw invalid(`The value '${Value}' of the load balancer attribute '${Key}' is not valid`);
  }
  return { ...attributes, ...Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value])) };
}

export const describeAttributes = (attributes: Attributes): sdk.LoadBalancerAttribute[] =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));

const invalid = (message: string) => new AwsError('ValidationError', message);
