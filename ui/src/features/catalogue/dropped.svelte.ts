// A file dropped on another page, handed over to the upload page.

export const dropped = $state<{ file: File | null }>({ file: null });
