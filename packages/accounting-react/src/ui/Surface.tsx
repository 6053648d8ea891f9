import { Component, type ComponentPropsWithoutRef, type ReactNode } from 'react';
import { useOpenLedger } from '../provider/context';
import { cx } from './cx';

/** Props every component takes: anything a `<div>` takes goes to its root element. */
export type RootProps = Omit<ComponentPropsWithoutRef<'div'>, 'children' | 'onError' | 'title'>;

/** Props of every component that has a heading. */
export interface CommonProps extends RootProps {
  /** Level of the component's own heading, to fit the page around it. @defaultValue 2 */
  headingLevel?: HeadingLevel;
}

export type HeadingLevel = 1 | 2 | 3 | 4 | 5;

interface SurfaceProps extends ComponentPropsWithoutRef<'div'> {
  /** Becomes `data-slot="ol-<name>"`, the hook for host styles and tests. */
  slotName: string;
}

/** Root element of a component: tokens, look, and a wall that keeps a fault in here from breaking the host's page. */
export function Surface({ slotName, className, style, children, ...rest }: SurfaceProps): ReactNode {
  const { theme, session } = useOpenLedger();
  return (
    <div
      data-slot={`ol-${slotName}`}
      data-ol-theme={theme.mode}
      className={cx('ol-root', className)}
      style={{ ...theme.style, ...style }}
      {...rest}
    >
      <Boundary
        onCaught={(error) => {
          session.report(error, slotName);
        }}
      >
        {children}
      </Boundary>
    </div>
  );
}

interface BoundaryProps {
  children: ReactNode;
  onCaught: (error: unknown) => void;
}

class Boundary extends Component<BoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.onCaught(error);
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <p className="ol-note" data-tone="danger" role="alert">
        This part of the page could not be shown. Reload the page to try again.
      </p>
    );
  }
}

/** A heading whose level the host chooses. */
export function Heading({ level, ...rest }: { level: number } & ComponentPropsWithoutRef<'h2'>): ReactNode {
  const Tag = `h${String(Math.min(level, 6))}` as 'h2';
  return <Tag {...rest} />;
}
