/** Windows for backups and maintenance, in UTC and in the notation of each service. They never overlap. */
export interface QuietHours {
  readonly databaseBackup: string;
  readonly database: string;
  readonly replica: string;
  readonly redisSnapshot: string;
  readonly redis: Readonly<Record<'state' | 'cache', string>>;
}

const days = ['sun', 'mon'] as const;

/**
 * The four hours after `startUtc` (0 to 23): backups daily in the first hour, maintenance on Sundays (UTC) in
 * the other three. The minimum of a window is 30 minutes at RDS and 60 at ElastiCache.
 */
export function quietHours(startUtc: number): QuietHours {
  const time = (minutes: number) => {
    const inDay = (startUtc * 60 + minutes) % (24 * 60);
    const two = (value: number) => String(value).padStart(2, '0');
    return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`;
  };
  const daily = (from: number, to: number) => `${time(from)}-${time(to)}`;
  const at = (minutes: number) => `${days[startUtc * 60 + minutes < 24 * 60 ? 0 : 1]}:${time(minutes)}`;
  const weekly = (from: number, to: number) => `${at(from)}-${at(to)}`;
  return {
    databaseBackup: daily(0, 30),
    redisSnapshot: daily(0, 60),
    database: weekly(60, 90),
    replica: weekly(90, 120),
    redis: { state: weekly(120, 180), cache: weekly(180, 240) },
  };
}
