"""What stands around pools: flavors, workspaces, orders, tags, events and figures."""

from huaweicloudsdkmodelarts.v1 import (
    BatchCreatePoolTagsRequest,
    BatchDeletePoolTagsRequest,
    CreateOrderIdRequest,
    CreateOrderRequestBody,
    CreateTagRequest,
    DeleteTagItem,
    DeleteTagRequest,
    ListEventsRequest,
    ListPoolTagsRequest,
    ListResourceFlavorsRequest,
    ListWorkloadsRequest,
    ListWorkspaceRequest,
    ShowOrderRequest,
    ShowOsConfigRequest,
    ShowOsQuotaRequest,
    ShowPluginTemplateRequest,
    ShowPoolStatisticsRequest,
    ShowPoolTagsRequest,
    ShowWorkloadStatisticsRequest,
    ShowWorkspaceRequest,
    Tag,
)

from common import CPU, GPU, WORKSPACE, Case, until


class Neighbours(Case):
    def test_flavors_are_listed_page_by_page(self):
        flavors, token = {}, None
        while True:
            request = ListResourceFlavorsRequest(limit=3, _continue=token)
            page = self.client.list_resource_flavors(request)
            flavors.update({item.metadata.name: item for item in page.items})
            token = page.metadata._continue
            if not token:
                break
        self.assertEqual(flavors[CPU].spec.cpu_arch, "x86")
        self.assertEqual(flavors[GPU].spec.gpu.size, "1")
        self.assertEqual(flavors[CPU].status.phase["cn-north-4a"], "normal")

    def test_workspaces_are_listed_and_shown(self):
        listed = self.client.list_workspace(ListWorkspaceRequest())
        self.assertEqual((listed.total_count, listed.count), (2, 2))
        self.assertEqual({item.id for item in listed.workspaces}, {"0", WORKSPACE})
        shown = self.client.show_workspace(ShowWorkspaceRequest(workspace_id=WORKSPACE))
        self.assertEqual((shown.id, shown.status), (WORKSPACE, "NORMAL"))

    def test_an_order_tells_of_the_pool_and_its_nodes(self):
        pool = self.ready_pool("sdk-order", 2)
        name = self.show(pool).metadata.labels.os_modelarts_order_name
        order = lambda: self.client.show_order(ShowOrderRequest(order_name=name))
        done = until(order, lambda order: {i.status for i in order.items} == {"succeed"})
        actions = [item.action for item in done.items]
        self.assertEqual(actions, ["createPool", "createNode", "createNode"])
        self.assertEqual(done.count, 3)
        body = CreateOrderRequestBody(action_type="toPeriod")
        request = CreateOrderIdRequest(name=pool, action_type="toPeriod", body=body)
        self.assertTrue(self.client.create_order_id(request).id)

    def test_tags_come_and_go(self):
        pool = self.ready_pool("sdk-tags")
        body = CreateTagRequest(tags=[Tag(key="a", value="1"), Tag(key="b", value="2")])
        self.client.batch_create_pool_tags(BatchCreatePoolTagsRequest(pool_name=pool, body=body))
        body = DeleteTagRequest(tags=[DeleteTagItem(key="a")])
        self.client.batch_delete_pool_tags(BatchDeletePoolTagsRequest(pool_name=pool, body=body))
        shown = self.client.show_pool_tags(ShowPoolTagsRequest(pool_name=pool)).tags
        self.assertEqual([(tag.key, tag.values) for tag in shown], [("b", ["2"])])
        self.assertIn("b", [t.key for t in self.client.list_pool_tags(ListPoolTagsRequest()).tags])

    def test_events_say_what_happened(self):
        pool = self.ready_pool("sdk-events")
        request = ListEventsRequest(resource="pools", name=pool, type="Normal")
        events = self.client.list_events(request).items
        self.assertTrue(any("Running" in event.message for event in events))

    def test_figures_and_offers_can_be_looked_up(self):
        pool = self.ready_pool("sdk-figures")
        statistics = self.client.show_pool_statistics(ShowPoolStatisticsRequest())
        self.assertGreaterEqual(statistics.statistics.status.created, 1)
        quotas = self.client.show_os_quota(ShowOsQuotaRequest()).quotas.resources
        self.assertIn("pool", [quota.type for quota in quotas])
        self.assertTrue(self.client.show_os_config(ShowOsConfigRequest()).network_cidrs)
        request = ShowPluginTemplateRequest(plugintemplate_name="gpu-driver")
        self.assertIn("440.33", self.client.show_plugin_template(request).spec.versions)
        request = ShowWorkloadStatisticsRequest(pool_name=pool)
        self.assertEqual(self.client.show_workload_statistics(request).statistics.total, 0)
        self.assertEqual(self.client.list_workloads(ListWorkloadsRequest(pool_name=pool)).items, [])
