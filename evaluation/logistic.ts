// Logistic regression by Newton's method with a ridge, classes weighted to count alike. A handful of features.

export interface Example {
  features: number[];
  positive: boolean;
}

function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  for (let i = 0; i < n; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row) => (Math.abs(row[i] as number) > Math.abs(best[i] as number) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(i, 0, pivot);
    for (let j = 0; j < n; j++) {
      const row = rows[j] as number[];
      if (j === i) continue;
      const factor = (row[i] as number) / (pivot[i] as number);
      for (let k = i; k <= n; k++) row[k] = (row[k] as number) - factor * (pivot[k] as number);
    }
  }
  return rows.map((row, i) => (row[n] as number) / (row[i] as number));
}

/** Weights, the bias first. `ridge` pulls every weight but the bias to zero. Throws when a class is missing. */
export function fitLogistic(examples: readonly Example[], ridge: number): number[] {
  const positives = examples.filter(({ positive }) => positive).length;
  const negatives = examples.length - positives;
  if (positives === 0 || negatives === 0) throw new Error("a fit needs true pairs and false pairs");
  const size = 1 + (examples[0] as Example).features.length;
  let weights = new Array<number>(size).fill(0);
  for (let round = 0; round < 50; round++) {
    const gradient = weights.map((weight, i) => (i === 0 ? 0 : -ridge * weight));
    const hessian = weights.map((_, i) => weights.map((__, j) => (i === j && i > 0 ? ridge : 0)));
    for (const { features, positive } of examples) {
      const x = [1, ...features];
      const p = 1 / (1 + Math.exp(-x.reduce((sum, value, i) => sum + value * (weights[i] as number), 0)));
      const importance = 1 / (2 * (positive ? positives : negatives));
      for (let i = 0; i < size; i++) {
        gradient[i] = (gradient[i] as number) + importance * ((positive ? 1 : 0) - p) * (x[i] as number);
        const row = hessian[i] as number[];
        for (let j = 0; j < size; j++)
          row[j] = (row[j] as number) + importance * p * (1 - p) * (x[i] as number) * (x[j] as number);
      }
    }
    const step = solve(hessian, gradient);
    weights = weights.map((weight, i) => weight + (step[i] as number));
    if (Math.max(...step.map(Math.abs)) < 1e-6) break;
  }
  return weights;
}
