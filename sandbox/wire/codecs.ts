/** The SDK's own (de)serializers, set up as its clients set them up. */
import { JsonCodec2, XmlCodec } from '@aws-sdk/core/protocols';
import { CborCodec } from '@smithy/core/cbor';
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Protocol, ServiceModel } from './model.ts';

export type Codec = {
  /** Reads a document into the SDK's own types. */
  read(schema: NormalizedSchema, bytes: Uint8Array): any;
  write(schema: NormalizedSchema, value: unknown): Uint8Array;
  /** Values outside a document: path, query, headers, form fields. */
  readonly fromString: FromStringShapeDeserializer;
  readonly toString: ToStringShapeSerializer;
};

const dateTime = 5;
const epochSeconds = 7;

/** The codec in which a service speaks a protocol. */
export function codecOf(model: ServiceModel, protocol: Protocol): Codec {
  switch (protocol) {
    case 'awsJson1_0':
    case 'awsJson1_1':
      return codec(new JsonCodec2({ ...settings(epochSeconds), jsonName: false }), settings(epochSeconds));
    case 'restJson1':
      return codec(new JsonCodec2({ ...rest(epochSeconds), jsonName: true }), rest(epochSeconds));
    case 'rpcv2Cbor':
      return codec(new CborCodec(), settings(epochSeconds));
    case 'awsQuery':
    case 'ec2Query':
      return codec(xml(model, settings(dateTime)), settings(dateTime));
    case 'restXml':
      return codec(xml(model, rest(dateTime)), rest(dateTime));
  }
}

const settings = (format: number) =>
  ({ timestampFormat: { useTrait: true, default: format }, httpBindings: false }) as any;
const rest = (format: number) => ({ ...settings(format), httpBindings: true });
const xml = (model: ServiceModel, options: any) =>
  new XmlCodec({ ...options, xmlNamespace: model.xmlNamespace, serviceNamespace: model.namespace });

function codec(codec: JsonCodec2 | XmlCodec | CborCodec, stringSettings: any): Codec {
  const serializer = codec.createSerializer();
  const deserializer = codec.createDeserializer();
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
