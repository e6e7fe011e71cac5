"""Pools: created, listed, shown, changed and deleted."""

from huaweicloudsdkmodelarts.v1 import (
    CreatePoolRequest,
    DeletePoolRequest,
    ListPoolsRequest,
    PatchPoolRequest,
    PoolMetadataUpdate,
    PoolMetadataUpdateAnnotations,
    PoolSpecUpdate,
    PoolSpecUpdateResources,
    PoolUpdateRequest,
    ShowPoolRequest,
)

from common import CPU, GPU, MERGE_PATCH, NETWORK, PROJECT, WORKSPACE, Case, pool_body, until


class Pools(Case):
    def patch(self, pool, body):
        """Changes a pool. The SDK's own content type is one that the service refuses."""
        request = PatchPoolRequest(pool_name=pool, body=body)
        invoker = self.client.patch_pool_invoker(request)
        return invoker.add_header("Content-Type", MERGE_PATCH).invoke()

    def test_a_pool_is_created_and_becomes_ready(self):
        created = self.client.create_pool(CreatePoolRequest(body=pool_body("sdk-create", 2)))
        self.assertEqual(created.metadata.name, f"sdk-create-{PROJECT}")
        self.assertEqual(created.metadata.labels.os_modelarts_workspace_id, "0")
        self.assertTrue(created.metadata.labels.os_modelarts_order_name)
        shown = self.until_nodes(created.metadata.name, 2)
        self.assertEqual(shown.spec.network.name, NETWORK)
        self.assertEqual([entry.flavor for entry in shown.spec.resources], [CPU])
        self.assertEqual(shown.spec.resources[0].max_count, 2)
        self.assertEqual([scope.scope_type for scope in shown.status.scope], ["Train"])

    def test_a_pool_is_listed_in_its_workspace(self):
        pool = self.ready_pool("sdk-list")
        listed = self.client.list_pools(ListPoolsRequest(status="created")).items
        self.assertIn(pool, [item.metadata.name for item in listed])
        self.assertEqual(self.client.list_pools(ListPoolsRequest(workspace_id=WORKSPACE)).items, [])
        named = ListPoolsRequest(label_selector="os.modelarts/name=sdk-list")
        self.assertEqual([p.metadata.name for p in self.client.list_pools(named).items], [pool])

    def test_a_pool_grows_and_shrinks(self):
        pool = self.ready_pool("sdk-scale")
        for count in (3, 1):
            resources = [PoolSpecUpdateResources(flavor=CPU, count=count)]
            body = PoolUpdateRequest(spec=PoolSpecUpdate(resources=resources))
            self.assertEqual(self.patch(pool, body).spec.resources[0].count, count)
            self.until_nodes(pool, count)

    def test_a_description_changes_in_place(self):
        pool = self.ready_pool("sdk-describe")
        notes = PoolMetadataUpdateAnnotations(os_modelarts_description="for tests")
        self.patch(pool, PoolUpdateRequest(metadata=PoolMetadataUpdate(annotations=notes)))
        shown = self.show(pool)
        self.assertEqual(shown.metadata.annotations.os_modelarts_description, "for tests")

    def test_a_driver_is_installed(self):
        pool = self.ready_pool("sdk-driver", flavor=GPU)
        running = until(lambda: self.show(pool), lambda p: p.status.driver.gpu.state == "Running")
        self.assertTrue(running.status.driver.gpu.version)

    def test_a_change_with_the_content_type_of_the_sdk_is_refused(self):
        pool = self.ready_pool("sdk-content")
        request = PatchPoolRequest(pool_name=pool, body=PoolUpdateRequest())
        self.refused(415, "ModelArts.50004100", lambda: self.client.patch_pool(request))

    def test_a_pool_is_deleted_until_it_is_not_found(self):
        pool = self.ready_pool("sdk-delete")
        deleted = self.client.delete_pool(DeletePoolRequest(pool_name=pool))
        self.assertEqual(deleted.metadata.name, pool)

        def there():
            listed = self.client.list_pools(ListPoolsRequest()).items
            return pool in [item.metadata.name for item in listed]

        until(there, lambda is_there: not is_there)
        gone = ShowPoolRequest(pool_name=pool)
        self.refused(404, "ModelArts.50015001", lambda: self.client.show_pool(gone))
