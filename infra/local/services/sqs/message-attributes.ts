/** The attributes that a sender puts on a message. */
import * as z from 'zod';

const attributeSchema = z
  .object({
    DataType: z.string().regex(/^(String|Number|Binary)(\..+)?$/),
    StringValue: z.string().min(1).optional(),
    /** Base64. */
    BinaryValue: z.base64().min(1).optional(),
  })
  .refine(({ DataType, StringValue, BinaryValue }) =>
    DataType.startsWith('Binary') ? BinaryValue && !StringValue : StringValue && !BinaryValue,
  );

export const messageAttributesSchema = z
  .record(z.string().regex(/^(?!aws\.|amazon\.|\.)[\w.-]{1,256}(?<!\.)$/i), attributeSchema)
  .refine((attributes) => Object.keys(attributes).length <= 10);
export type MessageAttributes = z.infer<typeof messageAttributesSchema>;

export const attributesSize = (attributes: MessageAttributes) =>
  Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64'),
    0,
  );

/** Those that a receiver asked for: by name, by `prefix.*`, or all. */
export function wanted(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const matches = (name: string) =>
    names.some(
      (want) => want === 'All' || want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => matches(name)));
}
