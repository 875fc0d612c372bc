// Samples for the ready-made problems: features row by row, one target each.
import { type DenseInput, type DenseMatrix, describe, misuse, toDense, type Vector } from "@hessia/core";

export interface Dataset {
  /** N × d. */
  readonly features: DenseInput;
  /** N numbers; for classes −1 and 1. */
  readonly targets: ArrayLike<number>;
}

export interface Samples {
  readonly A: DenseMatrix;
  readonly b: Vector;
}

/** Checked and copied. @throws ArgumentError on shapes that don't fit, entries that aren't finite, and targets that aren't ±1 where `classes`. */
export function samplesOf(routine: string, argument: string, data: Dataset, classes = false): Samples {
  if (data === null || typeof data !== "object" || data.features === undefined || data.targets === undefined)
    misuse(routine, argument, describe(data), "an object with features and targets");
  const A = toDense(data.features, routine, `${argument}.features`);
  if (A.rows === 0 || A.cols === 0)
    misuse(routine, `${argument}.features`, `${A.rows} × ${A.cols}`, "at least one sample and one feature");
  if (data.targets.length !== A.rows)
    misuse(
      routine,
      `${argument}.targets`,
      `of length ${data.targets.length}`,
      `length ${A.rows}, the rows of features`,
    );
  const b = Float64Array.from(data.targets);
  for (let i = 0; i < b.length; i++)
    if (classes ? Math.abs(b[i]!) !== 1 : !Number.isFinite(b[i]!))
      misuse(routine, `${argument}.targets`, `${describe(b[i])} at index ${i}`, classes ? "−1 or 1" : "finite numbers");
  for (let k = 0; k < A.data.length; k++)
    if (!Number.isFinite(A.data[k]!))
      misuse(routine, `${argument}.features`, `${A.data[k]} at row ${Math.floor(k / A.cols)}`, "finite numbers");
  return { A, b };
}

/** Training and validation samples of the same number of features. */
export function bothSamples(
  routine: string,
  training: Dataset,
  validation: Dataset,
  classes = false,
): { readonly train: Samples; readonly valid: Samples; readonly d: number } {
  const train = samplesOf(routine, "training", training, classes);
  const valid = samplesOf(routine, "validation", validation, classes);
  if (train.A.cols !== valid.A.cols)
    misuse(routine, "validation.features", `of ${valid.A.cols} columns`, `${train.A.cols}, those of training`);
  return { train, valid, d: train.A.cols };
}
