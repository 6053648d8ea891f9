import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, expect, vi, type MockInstance } from 'vitest';

// A busy machine is no failure.
configure({ asyncUtilTimeout: 5000 });

let spies: MockInstance[] = [];
beforeEach(() => {
  spies = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
});

afterEach(() => {
  cleanup();
  expect(spies.flatMap(({ mock }) => mock.calls)).toEqual([]);
});
