/** The parts of the check, quick ones first. */
import { boundaries } from './boundaries.ts';
import { hygiene } from './hygiene.ts';
import { licences } from './licences.ts';
import type { Part } from './part.ts';
import { deadCode, format, lint, openapiDrift, types } from './tools.ts';

export const PARTS: readonly Part[] = [format, lint, types, boundaries, deadCode, openapiDrift, licences, hygiene];
