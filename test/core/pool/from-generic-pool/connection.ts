/** What the guide's two programs lend: a connection to a shelf of books. */
export interface Connection {
  readonly isOpen: boolean;
  query(sql: string): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** The connections that were made, for whoever looks after the test. */
export const connections: Connection[] = [];

/** Opens a connection. */
export async function connect(): Promise<Connection> {
  let isOpen = true;
  const connection: Connection = {
    get isOpen() {
      return isOpen;
    },
    query: async () => ['Emma', 'Persuasion'],
    end: async () => {
      isOpen = false;
    },
  };
  connections.push(connection);
  return connection;
}

/** What was reported. */
export const reports: unknown[] = [];

/** Where the programs send what went wrong. */
export function report(error: unknown): void {
  reports.push(error);
}
