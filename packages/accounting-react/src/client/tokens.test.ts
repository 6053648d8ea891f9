import { afterEach, describe, expect, it, vi } from 'vitest';
import { TokenSource, type AuthProps, type TokenAnswer } from './tokens';

function sourceOf(auth: AuthProps): TokenSource {
  const source = new TokenSource();
  source.configure(auth);
  return source;
}

describe('TokenSource', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks the host once for many callers', async () => {
    const getAccessToken = vi.fn<() => Promise<TokenAnswer>>().mockResolvedValue('a');
    const source = sourceOf({ getAccessToken });
    expect(await Promise.all([source.get(), source.get(), source.get()])).toEqual(['a', 'a', 'a']);
    expect(getAccessToken).toHaveBeenCalledTimes(1);
  });

  it('renews a token shortly before it expires', async () => {
    vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
    const getAccessToken = vi
      .fn<() => Promise<TokenAnswer>>()
      .mockResolvedValueOnce({ access_token: 'first', expires_in: 3600 })
      .mockResolvedValueOnce({ access_token: 'second', expires_at: '2026-01-01T05:00:00Z' });
    const source = sourceOf({ getAccessToken });
    expect(await source.get()).toBe('first');
    vi.advanceTimersByTime(3_500_000);
    expect(await source.get()).toBe('first');
    vi.advanceTimersByTime(80_000);
    expect(await source.get()).toBe('second');
  });

  it('reads expires_at in epoch seconds', async () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const authToken = vi.fn<() => Promise<TokenAnswer>>().mockResolvedValue({ access_token: 'x', expires_at: 2000 });
    const source = sourceOf({ authToken });
    await source.get();
    vi.setSystemTime(1_990_000);
    await source.get();
    expect(authToken).toHaveBeenCalledTimes(2);
  });

  it('asks again after the host failed', async () => {
    const getAccessToken = vi
      .fn<() => Promise<TokenAnswer>>()
      .mockRejectedValueOnce(new Error('no'))
      .mockResolvedValue('b');
    const source = sourceOf({ getAccessToken });
    await expect(source.get()).rejects.toThrow('no');
    expect(await source.get()).toBe('b');
  });

  it('keeps a newer token when an older one is refused late', async () => {
    const getAccessToken = vi.fn<() => Promise<TokenAnswer>>().mockResolvedValueOnce('1').mockResolvedValueOnce('2');
    const source = sourceOf({ getAccessToken });
    await source.get();
    source.refuse('1');
    expect(await source.get()).toBe('2');
    source.refuse('1');
    expect(await source.get()).toBe('2');
  });
});
