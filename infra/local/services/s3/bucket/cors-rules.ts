/** Of the template: which pages on other origins may call. */
import * as z from 'zod';

const corsRuleSchema = z.strictObject({
  Id: z.string().optional(),
  AllowedOrigins: z.array(z.string()).min(1),
  AllowedMethods: z.array(z.enum(['GET', 'PUT', 'HEAD', 'POST', 'DELETE'])).min(1),
  AllowedHeaders: z.array(z.string()).default([]),
  ExposedHeaders: z.array(z.string()).default([]),
  MaxAge: z.coerce.number().int().min(0).optional(),
});
export const corsSchema = z.strictObject({ CorsRules: z.array(corsRuleSchema).max(100) });
export type CorsRule = z.output<typeof corsRuleSchema>;
