// A line of a few numbers over time, without axes. Whoever uses it says in words what it shows.
interface SparklineProps {
  values: number[];
  label: string;
  color?: string;
  width?: number;
  height?: number;
}

/** The points of the line inside a box. Equal values lie in the middle. */
export function pointsOf(values: number[], width: number, height: number, edge = 2): [number, number][] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const step = values.length > 1 ? (width - 2 * edge) / (values.length - 1) : 0;
  return values.map((value, place) => [
    edge + place * step,
    most === least ? height / 2 : edge + (height - 2 * edge) * (1 - (value - least) / (most - least)),
  ]);
}

export function Sparkline({
  values,
  label,
  color = "var(--accent)",
  width = 120,
  height = 28,
}: SparklineProps) {
  if (values.length < 2) return null;
  const points = pointsOf(values, width, height);
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const [x, y] = points.at(-1) ?? [0, 0];
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <polygon points={`2,${height} ${line} ${width - 2},${height}`} fill={color} opacity="0.12" />
      <polyline points={line} fill="none" stroke={color} strokeWidth="1.5" strokeLinejoin="round" />
      <circle cx={x} cy={y} r="2" fill={color} />
    </svg>
  );
}
