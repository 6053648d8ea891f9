import { Fragment, useState, type ReactNode } from 'react';
import type { ReportNode } from '../../client/types';
import { signOf } from '../../format/money';
import { Money } from '../../ui/Money';
import { ScrollBox } from '../../ui/ScrollBox';
import { PostingsDialog, type Figure } from '../Postings/PostingsDialog';

/** A line with its figure in every column, and where the postings of each are. */
export interface Line {
  id: string;
  name: string;
  amounts: string[];
  postings: (string | null)[];
  children: Line[];
}

export interface Total {
  label: string;
  amounts: string[];
}

export interface ReportSection {
  title: string;
  lines: Line[];
  total: Total;
}

interface ReportTableProps {
  caption: string;
  currency: string;
  /** Headings of the columns of figures; a single one is not shown. */
  columns: string[];
  sections: ReportSection[];
  /** Stands where a section has no lines. */
  emptyText: string;
  /** The bottom line, under a double rule. */
  result: Total;
  /** Lines after it. */
  after?: Total[];
}

/** One tree per column becomes one tree of lines; the server gives all columns of a report the same lines. */
export function linesOf(trees: ReportNode[][]): Line[] {
  const [first = []] = trees;
  return first.map((node, index) => {
    const nodes = trees.map((tree) => tree[index] ?? node);
    return {
      id: node.id,
      name: node.name,
      amounts: nodes.map(({ balanceDecimal }) => balanceDecimal),
      postings: nodes.map(({ postings }) => postings),
      children: linesOf(nodes.map(({ children }) => children)),
    };
  });
}

/** A financial statement: groups indented by level, a rule above each subtotal, a double rule under the last line. */
export function ReportTable(props: ReportTableProps): ReactNode {
  const { caption, currency, columns, sections, emptyText, result, after = [] } = props;
  const [figure, setFigure] = useState<Figure>();
  const width = columns.length + 1;
  return (
    <ScrollBox label={caption}>
      <table className="ol-table ol-report" data-columns={columns.length > 1 || undefined}>
        <caption className="ol-hidden">{caption}</caption>
        <thead className={columns.length > 1 ? undefined : 'ol-hidden'}>
          <tr>
            <th scope="col">Ledger account</th>
            {columns.map((column, index) => (
              <th key={index} scope="col" className="ol-number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        {sections.map(({ title, lines, total }) => (
          <tbody key={title}>
            <tr className="ol-report-title">
              <th scope="rowgroup" colSpan={width}>
                {title}
              </th>
            </tr>
            {visible(lines).map((line) => (
              <LineRows key={line.id} line={line} depth={1} currency={currency} onFigure={setFigure} />
            ))}
            {visible(lines).length === 0 ? (
              <tr>
                <td className="ol-muted" colSpan={width}>
                  {emptyText}
                </td>
              </tr>
            ) : null}
            <TotalRow {...total} currency={currency} kind="section" />
          </tbody>
        ))}
        <tbody>
          <TotalRow {...result} currency={currency} kind="result" />
          {after.map((total) => (
            <TotalRow key={total.label} {...total} currency={currency} kind="section" />
          ))}
        </tbody>
      </table>
      {figure === undefined ? null : (
        <PostingsDialog
          figure={figure}
          onClose={() => {
            setFigure(undefined);
          }}
        />
      )}
    </ScrollBox>
  );
}

interface LineRowsProps {
  line: Line;
  depth: number;
  currency: string;
  onFigure: (figure: Figure) => void;
}

function LineRows({ line, depth, currency, onFigure }: LineRowsProps): ReactNode {
  const children = visible(line.children);
  const indent = { paddingInlineStart: `${String(depth * 1.25)}em` };
  if (children.length === 0) {
    return (
      <tr>
        <th scope="row" style={indent}>
          {line.name}
        </th>
        {line.amounts.map((amount, column) => (
          <td key={column} className="ol-number">
            <FigureCell line={line} column={column} amount={amount} currency={currency} onFigure={onFigure} />
          </td>
        ))}
      </tr>
    );
  }
  return (
    <Fragment>
      <tr className="ol-report-group">
        <th scope="row" style={indent} colSpan={line.amounts.length + 1}>
          {line.name}
        </th>
      </tr>
      {children.map((child) => (
        <LineRows key={child.id} line={child} depth={depth + 1} currency={currency} onFigure={onFigure} />
      ))}
      <tr className="ol-report-total" data-kind="group">
        <th scope="row" style={indent}>
          Total {line.name}
        </th>
        {line.amounts.map((amount, column) => (
          <td key={column} className="ol-number">
            <Money amount={amount} currency={currency} look="accounting" />
          </td>
        ))}
      </tr>
    </Fragment>
  );
}

interface FigureCellProps extends Omit<LineRowsProps, 'depth'> {
  column: number;
  amount: string;
}

/** An amount; where its postings are known, the way to them. */
function FigureCell({ line, column, amount, currency, onFigure }: FigureCellProps): ReactNode {
  const money = <Money amount={amount} currency={currency} look="accounting" />;
  const postings = line.postings[column];
  if (postings === null || postings === undefined || signOf(amount) === 0) return money;
  return (
    <button
      type="button"
      className="ol-link ol-figure"
      title={`Show what makes up ${line.name}`}
      aria-haspopup="dialog"
      onClick={() => {
        onFigure({ name: line.name, postings });
      }}
    >
      {money}
    </button>
  );
}

interface TotalRowProps extends Total {
  currency: string;
  kind: 'section' | 'result';
}

function TotalRow({ label, amounts, currency, kind }: TotalRowProps): ReactNode {
  return (
    <tr className="ol-report-total" data-kind={kind}>
      <th scope="row">{label}</th>
      {amounts.map((amount, column) => (
        <td key={column} className="ol-number">
          <Money amount={amount} currency={currency} look="accounting" />
        </td>
      ))}
    </tr>
  );
}

/** Accounts that never moved say nothing; a group stays if anything in it does. */
function visible(lines: Line[]): Line[] {
  return lines.filter(
    (line) => line.amounts.some((amount) => signOf(amount) !== 0) || visible(line.children).length > 0,
  );
}
