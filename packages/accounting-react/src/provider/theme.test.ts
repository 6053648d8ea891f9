import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contrast, readableOn, resolveTheme } from './theme';

describe('resolveTheme', () => {
  it('takes Open Ledger’s colour objects and picks readable button text', () => {
    const { mode, style } = resolveTheme({ primary: { hex: '#fde047' }, background: '#fff', text: { hex: '#222222' } });
    expect(mode).toBe('auto');
    expect(style).toEqual({
      '--ol-color-primary': '#fde047',
      '--ol-color-on-primary': '#101820',
      '--ol-color-bg': '#ffffff',
      '--ol-color-text': '#222222',
    });
  });

  it('leaves out a text colour that could not be read', () => {
    expect(resolveTheme({ mode: 'light', text: '#cccccc', secondary: '#999999' }).style).toEqual({});
    expect(resolveTheme({ background: '#000000', text: '#222222' }).style).toMatchObject({
      '--ol-color-text': '#ffffff',
    });
  });

  it('ignores what is no hex colour', () => {
    expect(resolveTheme({ primary: 'red; background: url(x)' }).style).toEqual({});
    expect(resolveTheme('dark')).toEqual({ mode: 'dark', style: {} });
  });

  it('knows contrast', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(readableOn('#0d6759')).toBe('#ffffff');
  });
});

describe('the default tokens', () => {
  const css = readFileSync(join(import.meta.dirname, '../styles.css'), 'utf8');
  const tokens = new Map<string, [string, string]>();
  for (const [, name, light, dark] of css.matchAll(/--_([a-z-]+): var\([^,]+, light-dark\((#\w{6}), (#\w{6})\)\)/g)) {
    if (name !== undefined && light !== undefined && dark !== undefined) tokens.set(name, [light, dark]);
  }
  const colors = (name: string): [string, string] => tokens.get(name) ?? ['#000000', '#000000'];

  it.each(['text', 'muted', 'primary', 'success', 'warning', 'danger'])('%s can be read on the background', (name) => {
    const [light, dark] = colors(name);
    const [lightGround, darkGround] = colors('bg');
    // 5.3 leaves room for the tints that badges and notes put behind their text.
    expect(contrast(light, lightGround)).toBeGreaterThan(5.3);
    expect(contrast(dark, darkGround)).toBeGreaterThan(5.3);
  });

  it('button text can be read on the primary colour', () => {
    const [light, dark] = colors('on-primary');
    expect(contrast(light, colors('primary')[0])).toBeGreaterThan(4.5);
    expect(contrast(dark, colors('primary')[1])).toBeGreaterThan(4.5);
  });
});
