import type { PlantedBug } from './planted-bug.ts';

/** Bugs in the delivery of events to the statistics. */
export const eventBugs: readonly PlantedBug[] = [
  {
    name: 'publish-before-commit',
    why: 'Events are sent before their orders are committed: rolled-back orders are counted.',
    edits: [
      {
        file: 'app/orders/place-orders.ts',
        find: '    const events = accepted.map((order) => outboxEventOf(order, eventsFormat));\n',
        replace:
          '    const events = accepted.map((order) => outboxEventOf(order, eventsFormat));\n    publish(events);\n',
      },
      {
        file: 'app/orders/place-orders.ts',
        find: '  { database, nowMs, outboxGraceMs, eventsFormat }: PlaceOrdersDependencies,\n',
        replace: '  { database, nowMs, outboxGraceMs, eventsFormat, publish }: PlaceOrdersDependencies,\n',
      },
      {
        file: 'app/orders/place-orders.ts',
        find: '  publish(placed.events);\n',
        replace: '  void publish;\n',
      },
    ],
    // A COMMIT is cut while the same order waits at the other process, which is faster than this process's
    // second attempt.
    schedule: ['cut-before-commit'],
  },
  {
    name: 'outbox-in-another-transaction',
    why: "The outbox row is written after the order's commit: a crash in between loses the event.",
    edits: [
      {
        file: 'app/orders/place-orders.ts',
        find: '        insertOutboxEvents(tx, events, outboxGraceMs),\n',
        replace: '',
      },
      {
        file: 'app/orders/place-orders.ts',
        find: '  publish(placed.events);\n',
        replace:
          "  const { database, outboxGraceMs } = dependencies;\n  await database.withTransaction({ name: 'insert_outbox', rerunnable: false }, (tx) =>\n    insertOutboxEvents(tx, placed.events, outboxGraceMs),\n  );\n  publish(placed.events);\n",
      },
    ],
    schedule: ['cut-before-commit', 'cut-during-commit', 'cut-after-commit', 'kill-api'],
  },
  {
    name: 'outbox-deleted-first',
    why: 'The outbox row is deleted before the queue acknowledges the event: a rejected event is lost.',
    edits: [
      {
        file: 'app/events/publish-events.ts',
        find: '  const done = await trySend(dependencies, batch);\n  acknowledged.push(...done);\n',
        replace:
          '  acknowledged.push(...batch.map(({ eventId }) => eventId));\n  const done = await trySend(dependencies, batch);\n',
      },
    ],
    schedule: ['sqs-duplicates', 'sqs-lost-answers', 'sqs-down', 'kill-data-platform'],
  },
  {
    name: 'relay-deletes-refused',
    why: 'The relay deletes all claimed rows, including those that the queue rejected.',
    edits: [
      {
        file: 'app/events/relay-outbox.ts',
        find: '    await deleteOutboxEvents(tx, [...acknowledged]);\n',
        replace: '    await deleteOutboxEvents(tx, events.map(({ eventId }) => eventId));\n',
      },
    ],
    schedule: ['sqs-duplicates', 'sqs-lost-answers', 'sqs-down', 'kill-data-platform'],
  },
  {
    name: 'statistics-without-inbox',
    why: 'An event that is already in the inbox is counted again.',
    edits: [
      {
        file: 'app/statistics/inbox-sql.ts',
        find: "'INSERT INTO processed_events",
        replace: "'INSERT IGNORE INTO processed_events",
      },
    ],
    schedule: ['sqs-duplicates', 'sqs-lost-answers', 'sqs-down', 'kill-data-platform'],
  },
  {
    name: 'inbox-in-another-transaction',
    why:
      'The sums are committed before the inbox row: an event that is redelivered in between is counted ' +
      'twice.',
    edits: [
      {
        file: 'app/statistics/count-events.ts',
        find:
          '  const count = (batch: readonly OrderEvent[]) =>\n' +
          '    // Rerunnable: if a COMMIT succeeded without a response, the inbox rejects the second run.\n' +
          '    database.withTransaction(',
        replace:
          "  const count = async (batch: readonly OrderEvent[]) => {\n    await database.withTransaction({ name: 'add_sales', rerunnable: false }, (tx) =>\n      addSales(tx, salesDeltas(batch)),\n    );\n    await database.withTransaction(",
      },
      {
        file: 'app/statistics/count-events.ts',
        find: '        addSales(tx, salesDeltas(batch)),\n      ]);',
        replace: '      ]);',
      },
      {
        file: 'app/statistics/count-events.ts',
        find: "older than what the inbox remembers');\n      }\n    });\n",
        replace: "older than what the inbox remembers');\n      }\n    });\n  };\n",
      },
    ],
    schedule: ['sqs-duplicates', 'sqs-lost-answers', 'sqs-down', 'kill-data-platform'],
  },
  {
    name: 'message-deleted-first',
    why: 'Messages are acknowledged before they are counted: if counting fails, they are lost.',
    edits: [
      {
        file: 'app/statistics/consume-order-events.ts',
        find: '  const counted = events.length === 0',
        replace:
          '  await batch.settle({ done: batch.messages, refused: [] });\n  const counted = events.length === 0',
      },
      {
        file: 'app/statistics/consume-order-events.ts',
        find: '  await batch.settle({\n    done: outcomes',
        replace: '  void ({\n    done: outcomes',
      },
    ],
    // The consumer retries its transaction for 5 s, longer than the database is unavailable: it loses counts
    // only if its own process ends.
    schedule: ['kill-data-platform'],
  },
  {
    name: 'duplicate-takes-its-batch',
    why: 'A batch with one event that was counted before is treated as counted: its other events are lost.',
    edits: [
      {
        file: 'app/statistics/count-events.ts',
        find: '      const isDuplicate = isDuplicateKey(error);\n',
        replace: '      const isDuplicate = isDuplicateKey(error);\n      if (isDuplicate) return;\n',
      },
    ],
    schedule: ['sqs-duplicates', 'sqs-lost-answers', 'sqs-down', 'kill-data-platform'],
  },
  {
    name: 'cancellation-booked-now',
    why: 'A cancellation is subtracted from its own hour: the hour of the sale stays too high.',
    edits: [
      {
        file: 'app/events/order-event.ts',
        find: 'data: { ...saleOf(order), completedAt: order.createdAt.toISOString() },',
        replace: 'data: { ...saleOf(order), completedAt: time },',
      },
    ],
    schedule: ['clock-api', 'slow-client-links'],
    midnight: true,
  },
];
