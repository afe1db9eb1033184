import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { expect } from 'chai';
import { type JournalLine, journalLine } from '../../lib/instance/programs/journal-line.ts';
import { logStream } from '../../lib/instance/programs/log-stream.ts';

const HOUR_MS = 3_600_000;
const line = (timestampMs: number, bytes = 100): JournalLine => ({
  timestampMs,
  bytes,
  message: 'm',
  cursor: 'c',
});
const { nextBatch } = logStream({
  client: new CloudWatchLogsClient({ region: 'us-east-1' }),
  logGroupName: 'g',
  logStreamName: 's',
});

describe('a batch for CloudWatch Logs', () => {
  it('spans less than 24 hours, also when the clock was set back', () => {
    for (const hours of [
      [0, 1, 22, 25],
      [30, 29, 8, 5],
    ]) {
      expect(nextBatch(hours.map((hour) => line(hour * HOUR_MS)))).to.have.lengthOf(3);
    }
  });

  it('holds at most 1,000 lines and 900 KB, and at least one line', () => {
    expect(nextBatch(Array.from({ length: 2000 }, () => line(0)))).to.have.lengthOf(1000);
    expect(nextBatch([line(0, 500_000), line(0, 400_000), line(0, 1)])).to.have.lengthOf(2);
    expect(nextBatch([line(0, 2_000_000), line(0)])).to.have.lengthOf(1);
  });
});

describe('a line of the journal', () => {
  const entry = (MESSAGE: unknown) =>
    journalLine(JSON.stringify({ MESSAGE, __REALTIME_TIMESTAMP: '1700000000000123', __CURSOR: 's=1;i=2' }));

  it('has its time in milliseconds and counts as its message plus 26 bytes', () => {
    expect(entry('ä')).to.deep.equal({
      timestampMs: 1_700_000_000_000,
      message: 'ä',
      bytes: 28,
      cursor: 's=1;i=2',
    });
  });

  it('is decoded even if it is not UTF-8, and omitted if it has no message', () => {
    expect(entry([0x61, 0xff])?.message).to.equal('a\uFFFD');
    for (const none of [null, '', undefined]) expect(entry(none)).to.equal(undefined);
  });

  it('is cut at 128 KB between two characters, and states how much is missing', () => {
    const message = entry(`${'a'.repeat(131_071)}äb`)?.message;
    expect(message).to.equal(`${'a'.repeat(131_071)} … 2 bytes more`);
  });
});
