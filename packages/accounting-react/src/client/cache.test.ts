import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ResourceCache, type Load } from './cache';
import { ApiError } from './errors';

const nothing = (): void => undefined;

/** Lets promises that are settled run their reactions. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

function setHidden(isHidden: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden);
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('ResourceCache', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('makes one request for many subscribers of a key', async () => {
    const load = vi.fn<Load>().mockResolvedValue('data');
    const cache = new ResourceCache(load, nothing);
    const notify = vi.fn();
    cache.subscribe('/a', notify);
    cache.subscribe('/a', notify);
    expect(cache.snapshot('/a').isLoading).toBe(true);
    await settle();
    expect(load).toHaveBeenCalledTimes(1);
    expect(cache.snapshot('/a')).toMatchObject({ data: 'data', isLoading: false });
    expect(notify).toHaveBeenCalled();
  });

  it('keeps the data while it loads again, and after that failed', async () => {
    const load = vi
      .fn<Load>()
      .mockResolvedValueOnce('old')
      .mockRejectedValueOnce(new ApiError(500, 'DOWN', 'down'));
    const onError = vi.fn();
    const cache = new ResourceCache(load, onError);
    cache.subscribe('/a', nothing);
    await settle();
    cache.refresh('/a');
    expect(cache.snapshot('/a')).toMatchObject({ data: 'old', isLoading: false, isRefreshing: true });
    await settle();
    expect(cache.snapshot('/a')).toMatchObject({ data: 'old', isRefreshing: false, error: { code: 'DOWN' } });
    expect(onError).toHaveBeenCalledTimes(1);
  });

  it('polls once per key however many subscribe, at the shortest interval, until unsubscribed', async () => {
    const load = vi.fn<Load>().mockResolvedValue(1);
    const cache = new ResourceCache(load, nothing);
    const stops = [cache.subscribe('/a', nothing, () => 5000), cache.subscribe('/a', nothing, () => 2000)];
    await settle();
    await vi.advanceTimersByTimeAsync(4100);
    expect(load).toHaveBeenCalledTimes(3);
    for (const stop of stops) stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('stops polling when the data say so', async () => {
    const load = vi.fn<Load>().mockResolvedValueOnce('busy').mockResolvedValueOnce('done');
    const cache = new ResourceCache(load, nothing);
    cache.subscribe('/a', nothing, (data) => (data === 'done' ? false : 1000));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('does not poll while the page is hidden and catches up when it is shown', async () => {
    const load = vi.fn<Load>().mockResolvedValue(1);
    const cache = new ResourceCache(load, nothing);
    cache.subscribe('/a', nothing, () => 1000);
    await settle();
    setHidden(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(load).toHaveBeenCalledTimes(1);
    setHidden(false);
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('slows down while the server keeps failing and reports the failure once', async () => {
    const load = vi.fn<Load>().mockRejectedValue(new ApiError(503, 'DOWN', 'down'));
    const onError = vi.fn();
    const cache = new ResourceCache(load, onError);
    cache.subscribe('/a', nothing, () => 1000);
    await vi.advanceTimersByTimeAsync(15_000);
    // At 0, then 2, 4 and 8 seconds apart.
    expect(load).toHaveBeenCalledTimes(4);
    expect(onError).toHaveBeenCalledTimes(1);
  });

  it('loads invalidated keys again: shown ones now, others when next shown', async () => {
    const load = vi.fn<Load>().mockImplementation((key) => Promise.resolve(key));
    const cache = new ResourceCache(load, nothing);
    cache.subscribe('/v1/shown', nothing);
    const stop = cache.subscribe('/v1/left', nothing);
    await settle();
    stop();
    cache.invalidate('/v1/');
    await settle();
    expect(load.mock.calls.map(([key]) => key)).toEqual(['/v1/shown', '/v1/left', '/v1/shown']);
    cache.subscribe('/v1/left', nothing);
    await settle();
    expect(load).toHaveBeenCalledTimes(4);
  });

  it('drops the answer of a request that was overtaken', async () => {
    let finishOld: (data: string) => void = nothing;
    const old = new Promise<string>((resolve) => {
      finishOld = resolve;
    });
    const load = vi.fn<Load>().mockReturnValueOnce(old).mockResolvedValueOnce('new');
    const cache = new ResourceCache(load, nothing);
    cache.subscribe('/a', nothing);
    cache.invalidate('/a');
    await settle();
    finishOld('old');
    await settle();
    expect(cache.snapshot('/a').data).toBe('new');
  });

  it('aborts a request nobody waits for any more', () => {
    let signal: AbortSignal | undefined;
    const cache = new ResourceCache((_key, _held, given) => {
      signal = given;
      return new Promise(nothing);
    }, nothing);
    cache.subscribe('/a', nothing)();
    expect(signal?.aborted).toBe(true);
  });

  it('gives the same snapshot until something changes', async () => {
    const cache = new ResourceCache(vi.fn<Load>().mockResolvedValue([1]), nothing);
    cache.subscribe('/a', nothing);
    await settle();
    const before = cache.snapshot('/a');
    expect(cache.snapshot('/a')).toBe(before);
    cache.update('/a', () => [2]);
    expect(cache.snapshot('/a').data).toEqual([2]);
    cache.update('/unknown', () => 1);
    expect(cache.snapshot('/unknown').data).toBeUndefined();
  });
});
