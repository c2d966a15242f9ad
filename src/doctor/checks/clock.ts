import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { baseUrl } from '../servers.ts';

/** Milliseconds. A sign-in has five minutes (Pomerium v0.33.1 authenticate), an assertion lives as long. */
const TOLERABLE = 30_000;
const TOO_MUCH = 240_000;

export const clock: Check = {
  id: 'MAC-04',
  area: 'machine',
  title: 'the clock agrees with the server’s',
  on: ['server'],
  async run(patient, signal) {
    if (patient.target.kind !== 'url' && !(await patient.configuration().catch(() => undefined))?.options)
      return skipped('the configuration cannot be read, see FIL-03');
    const url = patient.target.kind === 'url' ? patient.target.url.href : `${await baseUrl(patient)}/ping`;
    const send = await patient.fetch();
    const response = await send(url, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (!response) return skipped('the server cannot be asked, see GTW-01');
    await response.body?.cancel();
    const said = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(said)) return skipped('the server sends no Date header');
    const off = Math.round(Math.abs(patient.now() - said) / 1000);
    const text = `${off} s apart`;
    // RFC 9110 §6.6.1: the header counts whole seconds.
    if (off * 1000 <= TOLERABLE) return ok(off <= 1 ? 'the same' : text);
    const fix = 'timedatectl set-ntp true    # or set the clock that is wrong';
    return off * 1000 > TOO_MUCH ? failure(`${text}: sign-ins expire before they end`, fix) : warning(text, fix);
  },
};
