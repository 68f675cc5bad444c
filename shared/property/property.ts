/**
 * A property: a JSON document on a device, product or account: context, location, business data. Free in form; sealed at rest.
 */
import * as z from 'zod';
import { timeField } from '../api/fields.ts';

/** `location`, `owner.contact`, `business-data`: what fits a path segment as it is. */
export const propertyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be 1 to 128 letters, digits, dots, dashes or underscores')
  .meta({ description: '1 to 128 letters, digits, dots, dashes or underscores.', examples: ['location'] });

export const propertyValue = z
  .unknown()
  .meta({ description: 'Any JSON value, up to 256 KB.', examples: [{ building: 'North', floor: 3 }] });

export const property = z
  .object({ name: propertyName, value: propertyValue, updatedAt: timeField })
  .meta({ id: 'Property', description: 'A JSON document on an account, a product or a device.' });
