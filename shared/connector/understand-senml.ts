/**
 * Kind `senml`: a pack of one or several devices. `?device=` names the device of all records; else the base name's last part does:
 * `urn:dev:ow:10e2073a01080063:` means 10e2073a01080063. Without a base name, the name up to its last colon or slash stands for one.
 */
import { isTimely } from '../ingest/read-time.ts';
import { parseSenml, SenmlError, type SenmlRecord } from '../ingest/senml.ts';
import { senmlReadings } from '../ingest/senml-readings.ts';
import { DEFAULT_STREAM, MOST_ELEMENTS } from './understand-json.ts';
import { networkId, type Problem, rejected, type Understand, type Uplink } from './uplink.ts';

/** With a base name, wherever one can be told. */
function rebased(record: SenmlRecord): SenmlRecord {
  const end = Math.max(record.ownName.lastIndexOf(':'), record.ownName.lastIndexOf('/')) + 1;
  if (record.baseName !== '' || end === 0) return record;
  return { ...record, baseName: record.ownName.slice(0, end), ownName: record.ownName.slice(end) };
}

const deviceOf = ({ baseName }: SenmlRecord): string =>
  baseName
    .replace(/[:/]+$/, '')
    .split(/[:/]/)
    .at(-1) ?? '';

export const understandSenml: Understand = (body, { now, query }) => {
  let records: SenmlRecord[];
  try {
    records = parseSenml(body, now);
  } catch (error) {
    if (error instanceof SenmlError) return rejected('bad-senml', error.message);
    throw error;
  }
  const uplinks: Uplink[] = [];
  const problems: Problem[] = [];
  const named = query.device === undefined ? records.map(rebased) : records;
  const byDevice = Map.groupBy(named, (record) => query.device ?? deviceOf(record));
  if (byDevice.size > MOST_ELEMENTS) return rejected('bad-payload', `more than ${MOST_ELEMENTS} devices`);
  for (const [device, of] of byDevice) {
    if (!networkId.safeParse(device).success) {
      problems.push({ reason: 'bad-payload', what: 'a record whose name tells no device' });
      continue;
    }
    for (const { at, value } of senmlReadings(of)) {
      if (isTimely(at, now)) uplinks.push({ devices: [device], name: device, stream: DEFAULT_STREAM, ts: at, value });
      else problems.push({ reason: 'bad-timestamp', what: `a time of ${device}` });
    }
  }
  return { uplinks, problems, ignored: 0 };
};
