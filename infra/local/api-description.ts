// A string, so that its types stay out: those of the edge are of the Worker's runtime, which this project does not know.
const DESCRIPTION: string = "@twinframe/edge/openapi";

/** The API's description, from the routes. */
export async function apiDescription(): Promise<object> {
  const { apiDocument } = (await import(DESCRIPTION)) as { apiDocument: () => object };
  return apiDocument();
}
