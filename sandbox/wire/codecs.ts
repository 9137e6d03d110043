/** The SDK's own serializers and deserializers, configured like its clients'. */
import { JsonCodec2, XmlCodec } from '@aws-sdk/core/protocols';
import { CborCodec } from '@smithy/core/cbor';
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Protocol, ServiceModel } from './model.ts';

export type Codec = {
  read(schema: NormalizedSchema, bytes: Uint8Array): any;
  write(schema: NormalizedSchema, value: unknown): Uint8Array;
  /** For values outside a document: path, query, headers, form fields. */
  readonly fromString: FromStringShapeDeserializer;
  readonly toString: ToStringShapeSerializer;
};

const DATE_TIME = 5;
const EPOCH_SECONDS = 7;

export function codecOf(model: ServiceModel, protocol: Protocol): Codec {
  switch (protocol) {
    case 'awsJson1_0':
    case 'awsJson1_1':
      return codec(new JsonCodec2({ ...settings(EPOCH_SECONDS), jsonName: false }), settings(EPOCH_SECONDS));
    case 'restJson1':
      return codec(new JsonCodec2({ ...rest(EPOCH_SECONDS), jsonName: true }), rest(EPOCH_SECONDS));
    case 'rpcv2Cbor':
      return codec(new CborCodec(), settings(EPOCH_SECONDS));
    case 'awsQuery':
    case 'ec2Query':
      return codec(xml(model, settings(DATE_TIME)), settings(DATE_TIME));
    case 'restXml':
      return codec(xml(model, rest(DATE_TIME)), rest(DATE_TIME));
  }
}

const settings = (format: number) =>
  ({ timestampFormat: { useTrait: true, default: format }, httpBindings: false }) as any;
const rest = (format: number) => ({ ...settings(format), httpBindings: true });
const xml = (model: ServiceModel, options: any) =>
  new XmlCodec({ ...options, xmlNamespace: model.xmlNamespace, serviceNamespace: model.namespace });

function codec(sdkCodec: JsonCodec2 | XmlCodec | CborCodec, stringSettings: any): Codec {
  const serializer = sdkCodec.createSerializer();
  const deserializer = sdkCodec.createDeserializer();
  return {
    read: (schema, bytes) => deserializer.read(schema as any, bytes as any),
    write(schema, value) {
      serializer.write(schema as any, value);
      const written: Uint8Array | string = serializer.flush();
      return typeof written === 'string' ? Buffer.from(written) : written;
    },
    fromString: new FromStringShapeDeserializer(stringSettings),
    toString: new ToStringShapeSerializer(stringSettings),
  };
}
