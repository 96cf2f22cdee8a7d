/** Folds an agent's name for comparison: names differ neither by case nor by how accents are composed. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
