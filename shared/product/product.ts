/** A product: a line of devices of one account; the unit that a policy covers and an operator may refuse. */
import * as z from 'zod';
import { descriptionField, nameField, timeField } from '../api/fields.ts';
import { idSchema } from '../platform/ids.ts';

export const newProduct = z
  .strictObject({ name: nameField, description: descriptionField.optional() })
  .meta({ id: 'NewProduct', examples: [{ name: 'Thermometer' }] });

export const product = z
  .object({
    id: idSchema('product'),
    name: z.string(),
    description: z.string().optional(),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Product', description: 'A line of devices of one account.' });
export type Product = z.output<typeof product>;
