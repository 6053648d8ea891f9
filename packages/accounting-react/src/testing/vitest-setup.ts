import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, expect, vi, type MockInstance } from 'vitest';

// A busy machine is no failure.
configure({ asyncUtilTimeout: 5000 });

// A warning of React or of a library is a fault here: a test that expects one replaces the spy.
let spies: MockInstance[] = [];
beforeEach(() => {
  spies = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
});

afterEach(() => {
  cleanup();
  expect(spies.flatMap(({ mock }) => mock.calls)).toEqual([]);
});
