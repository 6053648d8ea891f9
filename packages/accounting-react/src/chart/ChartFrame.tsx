import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useOpenLedger } from '../provider/context';
import { compact, labelStep, type Scale } from './scale';
import { ScrollBox } from '../ui/ScrollBox';

export interface Plot {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  y: (value: number) => number;
}

interface ChartFrameProps {
  title: string;
  /** What the chart shows, in a sentence. */
  description: string;
  scale: Scale;
  labels: string[];
  /** Where each label's middle is, given the plot. */
  place: (index: number, plot: Plot) => number;
  legend?: { name: string; className: string }[] | undefined;
  /** The same figures as a table, for those who want to read them. */
  table: { columns: string[]; rows: ReactNode[][] };
  children: (plot: Plot) => ReactNode;
}

const HEIGHT = 200;
const WIDTH_UNMEASURED = 560;
const LABEL_WIDTH = 52;

/** Axis, grid, labels and the table behind a chart; laid out for the width it has, so that words stay readable. */
export function ChartFrame(props: ChartFrameProps): ReactNode {
  const { title, description, scale, labels, place, legend, table, children } = props;
  const { locale } = useOpenLedger();
  const id = useId();
  const [box, width] = useWidth();
  const plot = plotOf(width, scale);
  const step = labelStep(labels.length, plot.width - plot.left - plot.right, LABEL_WIDTH);
  return (
    <figure className="ol-chart" ref={box}>
      <figcaption className="ol-chart-head">
        <span className="ol-strong">{title}</span>
        {legend === undefined ? null : (
          <span className="ol-legend" aria-hidden="true">
            {legend.map(({ name, className }) => (
              <span key={name}>
                <i className={className} /> {name}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <svg width={plot.width} height={plot.height} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-desc`}>{description}</desc>
        {scale.ticks.map((tick) => (
          <g key={tick} className={tick === 0 ? 'ol-axis' : 'ol-grid'}>
            <line x1={plot.left} x2={plot.width - plot.right} y1={plot.y(tick)} y2={plot.y(tick)} />
            <text x={plot.left - 8} y={plot.y(tick) + 4} textAnchor="end">
              {compact(tick, locale)}
            </text>
          </g>
        ))}
        {children(plot)}
        {labels.map((label, index) =>
          index % step === 0 ? (
            <text key={label} x={place(index, plot)} y={plot.height - 6} textAnchor="middle">
              {label}
            </text>
          ) : null,
        )}
      </svg>
      <details className="ol-chart-table">
        <summary>Show as a table</summary>
        <ScrollBox label={`${title}, as a table`}>
          <table className="ol-table">
            <caption className="ol-hidden">{title}</caption>
            <thead>
              <tr>
                {table.columns.map((column, index) => (
                  <th key={column} scope="col" className={index === 0 ? undefined : 'ol-number'}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map(([head, ...cells], index) => (
                <tr key={index}>
                  <th scope="row">{head}</th>
                  {cells.map((cell, place) => (
                    <td key={place} className="ol-number">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </details>
    </figure>
  );
}

function plotOf(width: number, scale: Scale): Plot {
  const [left, right, top, bottom] = [48, 8, 12, 26];
  const y = (value: number): number =>
    HEIGHT - bottom - ((value - scale.low) / (scale.high - scale.low)) * (HEIGHT - top - bottom);
  return { width, height: HEIGHT, left, right, top, bottom, y };
}

function useWidth(): [React.RefObject<HTMLElement | null>, number] {
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(WIDTH_UNMEASURED);
  useEffect(() => {
    const shown = box.current;
    // Test environments without layout have no observer.
    if (shown === null || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(Math.floor(entry.contentRect.width), 200));
    });
    observer.observe(shown);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [box, width];
}
