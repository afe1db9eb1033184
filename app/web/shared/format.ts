import { language } from './language.ts';

const locales = { ko: 'ko-KR', en: 'en-GB' } as const;
const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function format<F extends Intl.NumberFormat | Intl.DateTimeFormat>(
  name: string,
  create: (locale: string) => F,
): F {
  const key = `${language.value} ${name}`;
  const known = formats.get(key) ?? create(locales[language.value]);
  formats.set(key, known);
  return known as F;
}

/** `₩1,890,000` in both languages. */
export function krw(amount: number): string {
  return `${amount < 0 ? '−' : ''}₩${count(Math.abs(amount))}`;
}

/** `+5`, `−1`. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${count(Math.abs(value))}`;
}

export function count(value: number): string {
  return format('count', (locale) => new Intl.NumberFormat(locale)).format(value);
}

/** `99.8%` of a share between 0 and 1. */
export function percent(share: number): string {
  const create = (locale: string) =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  return format('percent', create).format(share);
}

/** `12:04:30`, in the visitor's time zone. */
export function timeOfDay(at: Date | string | number): string {
  const create = (locale: string) =>
    new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  return format('time', create).format(new Date(at));
}

/** `30 Nov 2026, 12:04`. */
export function dateTime(at: Date | string | number): string {
  const create = (locale: string) =>
    new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hour12: false,
    });
  return format('dateTime', create).format(new Date(at));
}

/** `30 Nov 2026`. */
export function day(at: Date | string | number): string {
  const create = (locale: string) =>
    new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: 'numeric' });
  return format('day', create).format(new Date(at));
}

/** `08:41` of less than an hour, `2:08:41` of more. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours === 0 ? `${two(minutes)}:${two(rest)}` : `${hours}:${two(minutes)}:${two(rest)}`;
}
